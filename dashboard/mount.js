// What Streamlit is given for a component: where its module and its style sheet are, it tells with its data.

const latest = new WeakMap(); // Streamlit calls again with the same parent whenever data or theme change

export default async function mount(component) {
  const { data, parentElement } = component;
  latest.set(parentElement, component);
  if (parentElement.querySelector("link") === null) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = data.style_sheet;
    parentElement.append(style);
  }
  const module = await import(new URL(data.module, document.baseURI));
  // Its end counts, too: of a call that another one has overtaken it may come at once.
  return latest.get(parentElement) === component ? module.default(component) : undefined;
}
