"""The whole dashboard in a real browser: the tour of the README, from a first start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from app_server import running_dashboard
from exporting import download_file

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FIRST_START_MS = 240_000  # a machine that does other things reads slowly


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard that has never been started before."""
    folder = tmp_path_factory.mktemp("app")
    with running_dashboard(folder / "home", folder / "log.txt") as url:
        yield url


@pytest.fixture
def app(browser_page: Page, address: str) -> Page:
    """The dashboard with its first text in colours."""
    browser_page.goto(address)
    shown_unit(browser_page).wait_for(timeout=FIRST_START_MS)
    browser_page.get_by_text("that did not choose the units").wait_for(timeout=FIRST_START_MS)
    # Until the search has ended the page asks for news, and a click may be overtaken by them.
    browser_page.get_by_text(re.compile(r"scores .*, p = ")).wait_for(timeout=FIRST_START_MS)
    browser_page.wait_for_timeout(1_000)  # the last of it: what the text says of itself
    return browser_page


def shown_unit(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".unitscope .unit")


def findings(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("button", name=re.compile(r"^\d+\.[a-z]\.\d+ [▲▼]"))


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_first_start_leads_to_the_text_coloured_by_a_string_unit(app: Page, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    expect(app.locator(".unitscope")).to_contain_text("import")
    best = findings(app).first.inner_text().split()
    expect(shown_unit(app)).to_have_text(best[0])
    assert float(best[2]) > 0.7  # the shipped network knows strings
    app.screenshot(path=tmp_path / "explore.png")
    assert (tmp_path / "explore.png").stat().st_size > 20_000


def test_the_tour_has_four_steps_and_is_left_for_good(app: Page, new_page) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import expect

    titles = ["What you see", "Look closer", "Who found this unit", "Your turn"]
    for number, title in enumerate(titles, 1):
        expect(app.get_by_text(f"{number} of 4: {title}")).to_be_visible()
        if number < 4:
            app.get_by_role("button", name="Next", exact=True).click()
    app.get_by_role("button", name="Done").click()
    expect(app.get_by_text("of 4:")).to_have_count(0)
    other = new_page()
    other.goto(app.url)
    expect(other.get_by_role("button", name="Take the tour")).to_be_visible(timeout=60_000)
    expect(other.get_by_text("of 4:")).to_have_count(0)
    other.get_by_role("button", name="Take the tour").click()
    expect(other.get_by_text("1 of 4: What you see")).to_be_visible()
    other.get_by_role("button", name="Skip the tour").click()
    expect(other.get_by_text("of 4:")).to_have_count(0)


def test_a_click_on_a_finding_colours_the_text_by_it(app: Page) -> None:
    from playwright.sync_api import expect

    third = findings(app).nth(2)
    unit = third.inner_text().split()[0]
    third.click()
    expect(shown_unit(app)).to_have_text(unit)
    app.wait_for_function(f"() => new URL(location).searchParams.get('unit') === '{unit}'")


def test_another_hypothesis_leads_to_its_own_best_unit(app: Page) -> None:
    from playwright.sync_api import expect

    choose(app, "Find units that track", "newline")
    expect(app.get_by_text("The symbol is")).to_be_visible()
    app.wait_for_function(
        "() => new URL(location).searchParams.get('hypothesis') === 'newline'", timeout=60_000
    )
    expect(shown_unit(app)).to_have_text(findings(app).first.inner_text().split()[0])


def test_the_picker_and_the_keys_of_the_text_agree(app: Page) -> None:
    from playwright.sync_api import expect

    picker = app.get_by_role("spinbutton", name=re.compile("^Unit, 0 to"))
    best = findings(app).first.inner_text().split()[0]
    expect(picker).to_have_value(best.split(".")[-1])  # the search has led there
    picker.fill("5")
    picker.press("Enter")
    expect(shown_unit(app)).to_have_text(re.compile(r"\.5$"))
    app.get_by_role("button", name="Next unit").click()
    expect(shown_unit(app)).to_have_text(re.compile(r"\.6$"))
    expect(picker).to_have_value("6")


def test_the_address_restores_what_was_shown(app: Page, new_page) -> None:  # type: ignore[no-untyped-def]
    from playwright.sync_api import expect

    second = findings(app).nth(1)
    unit = second.inner_text().split()[0]
    second.click()
    app.wait_for_function(f"() => new URL(location).searchParams.get('unit') === '{unit}'")
    other = new_page()
    other.goto(app.url)
    expect(shown_unit(other)).to_have_text(unit)


def test_a_recording_that_is_not_there_is_told_beside_another(app: Page) -> None:
    from playwright.sync_api import expect

    app.goto(f"{app.url.partition('?')[0]}?recording=ffffffff")
    app.locator(".unitscope .choice").first.wait_for()  # the page has been drawn again
    expect(app.get_by_text("There is no recording ffffffff")).to_be_visible()


def test_the_heatmap_shows_the_symbols_in_sight(app: Page) -> None:
    from playwright.sync_api import expect

    expect(
        app.get_by_role("heading", name=re.compile(r"^All units of \d\.[a-z], symbols 0"))
    ).to_be_visible()
    expect(app.locator(".unitsheet .codes")).to_be_visible()


def test_every_export_downloads_a_whole_file(app: Page) -> None:
    starts = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "html": b"<!DOCTYPE", "csv": b"#"}
    app.get_by_role("button", name="Export").click()
    for suffix, start in starts.items():
        download = download_file(app, suffix)
        assert download.suggested_filename.endswith(f".{suffix}")
        assert start in Path(download.path()).read_bytes()[:200]


def test_the_page_exported_has_beneath_its_lines_what_the_screen_has(app: Page) -> None:
    site = shown_unit(app).inner_text().rpartition(".")[0]
    app.goto(f"{app.url}&stacked={site}.0+{site}.5&rows=guesses")
    app.locator(".unitscope .stack").get_by_text(f"{site}.5").wait_for(timeout=FIRST_START_MS)
    app.get_by_role("button", name="Export").click()
    app.get_by_role("dialog", name="Export").get_by_text("kept only by html").wait_for()
    page = Path(download_file(app, "html").path()).read_text("utf-8")
    assert f'"rows":"guesses","stacked":["{site}.0","{site}.5"]' in page


def test_own_text_is_read_and_shown(app: Page) -> None:
    from playwright.sync_api import expect

    app.get_by_role("link", name="Open").click()
    choose(app, "The pasted text is", "Python")
    app.get_by_role("textbox", name="or paste text").fill(
        'def greet(name):\n\tif name == "nobody":\n\t\treturn "—"  # Жук\n' * 20
    )
    app.get_by_role("textbox", name="or paste text").press("Control+Enter")
    app.get_by_role("button", name="Read it").click()
    expect(app.locator(".unitscope")).to_contain_text("greet", timeout=FIRST_START_MS)
    expect(app.locator(".unitscope")).to_contain_text("Жук")
    expect(app.get_by_text("half of the document that did not choose")).to_be_visible(
        timeout=60_000
    )


def test_a_file_that_is_no_checkpoint_is_refused_in_one_sentence(app: Page, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not a checkpoint")
    app.get_by_role("link", name="Open").click()
    app.get_by_role("textbox", name="or paste text").fill("a text that nobody will read")
    app.get_by_role("textbox", name="or paste text").press("Control+Enter")
    choose(app, "Read with", "Another checkpoint, by its path")
    path = app.get_by_role("textbox", name="Path of a checkpoint")
    path.fill(str(tmp_path / "missing.safetensors"))
    path.press("Enter")
    expect(app.get_by_role("alert").filter(has_text="There is no file")).to_be_visible()
    path.fill(str(broken))
    path.press("Enter")
    app.get_by_role("button", name="Read it").click()
    expect(app.get_by_role("alert").filter(has_text="not a whole safetensors file")).to_be_visible(
        timeout=60_000
    )


def test_a_folder_that_is_no_recording_is_refused_in_one_sentence(
    app: Page, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    app.get_by_role("link", name="Open").click()
    app.get_by_role("radio", name="A recording").click()
    path = app.get_by_role("textbox", name="Path of a recording")
    path.fill(str(tmp_path))
    path.press("Enter")
    expect(app.get_by_role("alert").filter(has_text="is not a recording")).to_be_visible()
