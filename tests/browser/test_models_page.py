"""The Models page in a real browser: cards, their samples, and watching a network learn."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import foreign
import pytest
import torch
from app_server import running_dashboard
from learned import STEPS, TEXT, made_up_training, save_learned

from models.checkpoint_header import read_header
from models.zoo import zoo_checkpoints

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

LOADED_WITHIN_MS = 120_000  # a machine that does other things is slow
PICTURE = "http://127.0.0.1:9/x.png"
HOSTILE = f"<script>document.title = 'taken'</script>\n![x]({PICTURE})\n\n\t<b>end</b>"
SHIPPED = re.compile(r"^python(?!-)")  # not one of its smaller siblings
NAME = f"![x]({PICTURE}) <b>bold</b> :red[red] $x$ www.example.org"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with checkpoints of every kind."""
    home = tmp_path_factory.mktemp("models") / "home"
    folder = home / "checkpoints"
    told = made_up_training()
    save_learned(folder / "whole.safetensors", told, name="whole")
    hostile = told | {"sample": HOSTILE, "corpus": NAME, "curve": 3, "samples": "none"}
    save_learned(folder / "hostile.safetensors", hostile, name=NAME)
    early = {key: told[key] for key in ("corpus", "choose_loss", "symbols")}
    save_learned(folder / "early.safetensors", early | {"interrupted": True}, name="early")
    (folder / "broken.safetensors").write_bytes(b"not a checkpoint")
    return home


@pytest.fixture(scope="module")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over that library."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with running_dashboard(home, log) as url:
        yield f"{url}/models"


def show(page: Page, address: str, **query: Any) -> Page:
    """Open the page and wait until it is drawn."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{address}?{asked}", timeout=LOADED_WITHIN_MS)
    choices(page).wait_for(timeout=LOADED_WITHIN_MS)
    return page


def choices(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name="Checkpoints")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step of its training")


def wait_for_address(page: Page, **query: str) -> None:
    for name, value in query.items():
        page.wait_for_function(
            "([name, value]) => new URL(location).searchParams.get(name) === value",
            arg=[name, value],
            timeout=LOADED_WITHIN_MS,
        )


def marked_step(page: Page) -> Locator:
    """The step the curve marks; for a moment there are two, as Plotly draws one over the other."""
    return page.locator(".js-plotly-plot .annotation-text")


def test_cards_have_losses_with_their_splits(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address)
    expect(page.get_by_role("heading", name=SHIPPED)).to_be_visible()
    expect(page.get_by_role("radio", name=SHIPPED)).to_be_checked()
    main = page.locator(".st-key-models")
    shipped = read_header(zoo_checkpoints()["python"]).training["report_loss"]
    for said in ("report split", f"{shipped:.3f} nats", f"{shipped / math.log(2):.3f} bits/char"):
        expect(main).to_contain_text(said)
    wait_for_address(page, checkpoint="python")


def test_choosing_a_card_shows_it_and_is_in_the_address(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address)
    page.get_by_role("radio", name="whole").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="whole")).to_be_visible()
    wait_for_address(page, checkpoint="whole.safetensors")
    expect(page.locator(".st-key-models")).to_contain_text("made-up code, 1.23 million symbols")
    sample = page.locator("pre").first
    expect(sample).to_have_text(TEXT)
    assert sample.inner_text() == TEXT.rstrip("\n")  # its lines are lines on the page


def test_a_whole_card_can_be_clicked_anywhere(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address)
    # The label lies over the whole card, and so over this line of it.
    line = page.get_by_text("LSTM 1 × 16, 1.142 nats on choose")
    line.scroll_into_view_if_needed()  # and wait until it lies still: a forced click does not
    line.click(force=True)
    expect(page.get_by_role("heading", name="early")).to_be_visible()


def test_the_slider_shows_what_was_written_at_each_step(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="whole.safetensors")
    texts = page.locator(".st-key-learning_columns pre")
    expect(texts).to_contain_text("# step 0\n")
    expect(marked_step(page)).to_have_text(["step 0"])
    slider(page).focus()
    for step in STEPS[1:4]:
        page.keyboard.press("ArrowRight")
        expect(texts).to_contain_text(f"# step {step}\n")
        wait_for_address(page, step=str(step))
        expect(marked_step(page)).to_have_text([f"step {step}"])
    expect(slider(page)).to_be_focused()  # redrawn around it, not anew


def test_the_address_leads_to_a_step(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="whole.safetensors", step=512)
    expect(page.locator(".st-key-learning_columns pre")).to_contain_text("# step 512\n")
    expect(marked_step(page)).to_have_text(["step 512"])
    expect(page.get_by_text("at step 512: 2,097,152 symbols read")).to_be_visible()
    assert "step=512" in page.url


def test_the_curve_is_labelled_and_its_axis_can_be_even(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="whole.safetensors")
    chart = page.locator(".js-plotly-plot")
    expect(chart.locator(".ytitle")).to_have_text("nats per symbol")
    expect(chart.locator(".xtitle")).to_have_text("symbols read, logarithmic")
    expect(chart.locator(".legendtext")).to_have_text(["in training", "choose split"])
    page.get_by_text("Logarithmic axis").click()
    # As a list it waits until there is one: for a moment the old title is there beside the new.
    expect(chart.locator(".xtitle")).to_have_text(["symbols read"])


def test_what_a_file_brought_is_text(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    asked = []
    browser_page.on("request", lambda request: asked.append(request.url))
    page = show(browser_page, address, checkpoint="hostile.safetensors")
    expect(page.locator("pre").first).to_have_text(HOSTILE)
    heading = page.get_by_role("heading", name=re.compile("bold"))
    assert heading.inner_text().replace("\N{WORD JOINER}", "").strip() == NAME
    main = page.locator(".st-key-models")
    expect(main.locator("img, script, b, .katex, a")).to_have_count(0)
    assert page.title() != "taken"
    assert PICTURE not in asked


def test_a_card_says_what_its_file_does_not_tell(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="early.safetensors")
    main = page.locator(".st-key-models")
    for said in (
        "No loss on the report split: its training was stopped before its end.",
        "No sample of its text is kept in the file.",
        "No loss curve is kept in the file.",
        "its learning cannot be watched",
    ):
        expect(main).to_contain_text(said)
    expect(slider(page)).to_have_count(0)


def test_a_broken_file_is_one_sentence_and_the_page_lives(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="broken.safetensors")
    expect(page.get_by_role("alert")).to_contain_text("is not a whole safetensors file")
    page.get_by_role("radio", name=SHIPPED).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name=SHIPPED)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_checkpoint_is_opened_by_its_path_and_stays_after_a_reload(
    browser_page: Page, address: str, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    path = save_learned(tmp_path / "elsewhere.safetensors", made_up_training(), name="elsewhere")
    page = show(browser_page, address, checkpoint=path)
    expect(page.get_by_role("alert")).to_contain_text("There is no checkpoint")  # not yet opened
    field = page.get_by_role("textbox", name="Open a checkpoint by its path")
    field.fill(str(tmp_path / "missing.safetensors"))
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no checkpoint file")
    field.fill(str(path))
    field.press("Enter")
    expect(page.get_by_role("heading", name="elsewhere")).to_be_visible()
    wait_for_address(page, checkpoint=str(path))
    page.reload()
    expect(page.get_by_role("heading", name="elsewhere")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_back_leads_to_the_card_before(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="early.safetensors")
    page.get_by_role("radio", name="whole").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="whole")).to_be_visible()
    wait_for_address(page, checkpoint="whole.safetensors")
    page.go_back()
    expect(page.get_by_role("heading", name="early")).to_be_visible()


def test_a_text_can_be_read_with_a_card(browser_page: Page, address: str) -> None:
    from playwright.sync_api import expect

    page = show(browser_page, address, checkpoint="whole.safetensors")
    page.get_by_role("button", name="Read a text with it").click()
    expect(page.get_by_role("button", name="Read it")).to_be_visible()
    expect(page.get_by_role("combobox", name="Read with")).to_have_value("whole")


def test_a_network_of_another_program_is_dropped_looked_into_and_imported(
    browser_page: Page, address: str, home: Path, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    file = tmp_path / "brought here.pt"
    torch.save(foreign.make_source().state_dict(), file)
    page = show(browser_page, address)
    page.get_by_role("button", name="Bring a network from another program").click()
    look, bring = (page.get_by_role("button", name=name) for name in ("Look inside", "Import it"))
    look.click()
    expect(page.get_by_role("alert")).to_contain_text("There is no network yet")
    uploads = page.locator("input[type=file]")
    uploads.first.set_input_files(file)
    expect(page.get_by_text("brought here.pt", exact=True)).to_be_visible()
    look.click()
    expect(page.get_by_role("alert")).to_contain_text(
        re.compile("brought.here.pt has 7 rows, but no vocabulary"), timeout=LOADED_WITHIN_MS
    )
    rows = {"name": "rows.txt", "mimeType": "text/plain", "buffer": foreign.SYMBOLS.encode()}
    uploads.last.set_input_files([rows])
    expect(page.get_by_text("rows.txt", exact=True)).to_be_visible()
    sample = page.get_by_role("textbox", name="Sample of the text")
    sample.fill("a cab\nbad dec\n" * 40)
    sample.press("Control+Enter")
    look.click()
    told = page.locator(".st-key-models pre")
    expect(told).to_contain_text("network: 2 x 6 LSTM", timeout=LOADED_WITHIN_MS)
    expect(told).to_contain_text("a uniform guess")
    expect(page.get_by_role("alert").first).to_contain_text("The reading looks wrong")
    bring.click()
    expect(page.get_by_role("heading", name="brought-here")).to_be_visible(timeout=LOADED_WITHIN_MS)
    expect(page.get_by_role("radio", name="brought-here")).to_be_checked()
    wait_for_address(page, checkpoint="brought-here.safetensors")
    assert list((home / "bringing").iterdir()) == []
    page.get_by_role("button", name="Read a text with it").click()
    expect(page.get_by_role("combobox", name="Read with")).to_have_value("brought-here")


def test_nothing_is_wider_than_the_page(browser_page: Page, address: str) -> None:
    page = show(browser_page, address, checkpoint="whole.safetensors", step=8)
    marked_step(page).wait_for(timeout=LOADED_WITHIN_MS)
    for width in (1280, 800, 400):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "() => { const main = document.querySelector('[data-testid=stMain]');"
            " return main.scrollWidth <= main.clientWidth; }"
        )
