"""The static file: it opens from the disk, small and soon, asks for nothing, and no label can do harm in it."""

import gzip
import time
from pathlib import Path

import pytest

import glassgrad as gg
from glassgrad.nn import MLP

pytestmark = pytest.mark.browser

BUNDLE = Path(gg.__file__).parent / "player" / "static" / "player.js"
HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "\"'><b>bold</b>&amp;&lt;",
    "\u2028\u2029\x00\x1b[31m",
    "👩‍🔬 émoji 🧮",
    "مرحبا بالعالم \u202eabc",
    "]]>--><!--<![CDATA[",
    "${window.hacked=1} {{7*7}} \\frac{1}{0}",
    "w" * 10_000,
]


def network(seed=0):
    model = MLP(2, [16, 16, 1], seed=seed)
    loss = (model([gg.Scalar(0.5, label="x1"), gg.Scalar(-1.0, label="x2")]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss


def long_chain(count):
    """A graph of at least ``count`` nodes: products and sums along a row."""
    x, w = gg.Scalar(0.5, label="x"), gg.Scalar(0.9, label="w")
    h = x
    for _ in range(count // 4):
        h = gg.tanh(h * w + 0.1)
    h.label = "end"
    h.backward()
    return h


def wide(count):
    """A network in groups, of at least ``count`` nodes."""
    width, layers = 40, 0
    outs = [gg.Scalar(0.01 * i, label=f"x{i}") for i in range(width)]
    nodes = width
    while nodes < count:
        layers += 1
        with gg.group(f"layer {layers}"):
            new = []
            for j in range(width):
                with gg.group(f"neuron {j}"):
                    total = gg.Scalar(0.1, label="b")
                    for i, x in enumerate(outs):
                        total = total + x * gg.Scalar(0.05 * ((i * j) % 7 - 3), label=f"w{i}")
                    new.append(gg.tanh(total))
                    nodes += 2 + 3 * width
            outs = new
    root = sum(outs[1:], outs[0])
    root.label = "loss"
    root.backward()
    return root


def test_opens_from_the_disk(page_of, neuron):
    shown = page_of(neuron())
    assert shown.page.title() == "o" or "o" in shown.page.title()
    assert shown.page.locator("h1").inner_text() == "o"
    text = shown.text()
    assert "step 11 of 11" in text  # 5 forward, 1 to start, 5 backward
    assert "tanh" in shown.picture()
    shown.see("neuron")


def test_sizes(page_of, neuron, tmp_path):
    bundle = BUNDLE.read_bytes()
    small = len(gzip.compress(bundle, 9))
    path = tmp_path / "neuron.html"
    gg.play(neuron()).save(path)
    print(f"bundle {len(bundle)} bytes, {small} gzipped; page of a neuron {path.stat().st_size} bytes")
    assert small <= 150_000
    assert path.stat().st_size < 250_000


@pytest.mark.parametrize(
    ("name", "make", "promised"),
    [("neuron", None, 0.5), ("network", network, 1.5), ("chain", lambda: long_chain(60_000), 3.0),
     ("wide", lambda: wide(60_000), 3.0)],
    ids=["neuron", "mlp", "chain-60000", "network-60000"],
)  # fmt: skip
def test_opens_soon(page_of, neuron, name, make, promised):
    """The times are said, not judged; what is asserted is that there is a picture of it, and not all of it."""
    root = neuron() if make is None else make()
    player = gg.play(root)
    shown = page_of(player, wait=False)
    shown.host.locator("svg").first.wait_for()
    # A browser tells of a paint some frames after it, and a busy one paints late.
    painted = "() => Math.max(...performance.getEntriesByType('paint').map(({startTime}) => startTime), 0) / 1000"
    first = shown.until(lambda: shown.page.evaluate(painted), "a paint")
    start = time.perf_counter()
    shown.press("ArrowLeft")
    step = time.perf_counter() - start
    count = shown.session("engine.n")
    print(f"{name}: {count} nodes, first picture after {first:.2f} s (promised {promised}), a step takes {step:.3f} s")
    shown.see(f"opens {name}")
    boxes = shown.host.locator("svg").first.locator("g").count()
    assert 1 <= boxes < 5_000  # something useful, not everything


def test_no_label_does_harm(page_of):
    root = gg.Scalar(1.0, label="start")
    for text in HOSTILE:
        with gg.group(text):
            leaf = gg.Scalar(0.5, label=text)
            root = gg.sin(root * leaf)
            root.label = text
    root.backward()
    shown = page_of(root)
    shown.page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    for title in ("Step", "Node", "Leaves", "Paths", "Bug lab", "Table"):
        shown.tab(title)
        for node in (0, shown.session("engine.root")):
            shown.session("session.select(argument)", node)
            shown.settle()
        shown.see(f"hostile {title}")
    find = shown.host.get_by_role("combobox", name="Find")
    find.fill("<img")
    shown.settle()
    assert "img" in shown.host.get_by_role("listbox").inner_text()
    assert shown.page.evaluate("() => globalThis.hacked") is None
    counts = shown.page.evaluate(
        """() => { const root = document.querySelector(".glassgrad-player").shadowRoot;
                   const bad = ["script", "img", "b", "iframe", "[onload]", "[onerror]"];
                   return bad.map((selector) => root.querySelectorAll(selector).length); }"""
    )
    assert counts == [0] * 6
    assert shown.session("engine.n") > len(HOSTILE)
    width = shown.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert width <= 0  # 10,000 characters do not stretch the page


def test_policy_lets_nothing_else_run(page_of, neuron):
    shown = page_of(neuron())
    policy = shown.page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    rules = {rule.split()[0]: rule for rule in policy.split(";")}
    assert "'none'" in rules["default-src"]
    assert "unsafe" not in rules["script-src"]
    assert "http" not in policy
    shown.page.evaluate(
        """async () => {
          const script = document.createElement("script");
          script.textContent = "globalThis.ran = 1";
          document.body.append(script);
          const image = document.createElement("img");
          image.setAttribute("onerror", "globalThis.ran = 2");
          const failed = new Promise((done) => image.addEventListener("error", done));
          image.src = "data:,";
          document.body.append(image);
          setTimeout("globalThis.ran = 3");
          await failed;
          await new Promise((done) => setTimeout(done)); // due after the one before it
        }"""
    )
    assert shown.page.evaluate("() => globalThis.ran") is None
    assert shown.watch.forgive("Content Security Policy")


def test_a_script_in_the_file_is_not_run_either(page_of, file_of, neuron, tmp_path):
    """What a proxy or a person adds to the file after it was written."""
    path = tmp_path / "changed.html"
    gg.play(neuron()).save(path)
    text = path.read_text(encoding="utf-8").replace("</body>", "<script>globalThis.ran = 1</script></body>")
    assert "globalThis.ran" in text
    path.write_text(text, encoding="utf-8")
    shown = file_of(path)
    assert shown.page.evaluate("() => globalThis.ran") is None
    assert shown.watch.forgive("Content Security Policy")


def test_a_broken_document_says_so(file_of, neuron, tmp_path):
    path = tmp_path / "broken.html"
    gg.play(neuron()).save(path)
    text = path.read_text(encoding="utf-8").replace('"version":1', '"version":99')
    path.write_text(text, encoding="utf-8")
    shown = file_of(path, wait=False)
    alert = shown.page.get_by_role("alert")
    alert.wait_for()
    assert "must have version 1, got 99" in alert.inner_text()
    assert shown.watch.forgive("must have version 1, got 99")
