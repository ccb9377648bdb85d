// What Streamlit is given for every component. Where its module and style sheet are comes with the data.

const styles = new WeakMap();
const latest = new WeakMap(); // Streamlit calls again with the same parent whenever data or theme change

export default async function mount(component) {
  const { data, parentElement } = component;
  latest.set(parentElement, component);
  if (!styles.has(parentElement)) styles.set(parentElement, addStyle(parentElement, data.style_sheet));
  const [module] = await Promise.all(
    [import(new URL(data.module, document.baseURI)), styles.get(parentElement)]);
  // A call that another one has overtaken is ended as soon as it is done: it must not begin anything.
  return latest.get(parentElement) === component ? module.default(component) : undefined;
}

function addStyle(parent, address) {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = address;
  return new Promise((done, fail) => {
    style.onload = done;
    style.onerror = () => fail(new Error(`${address} could not be loaded. Is the server still running?`));
    parent.append(style);
  });
}
