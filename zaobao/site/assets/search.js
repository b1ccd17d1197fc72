// The search box. It is built only when `npx pagefind` has written an index; the
// file that stands in its place until then says `absent`.

const STEP = 10;
const place = document.getElementById("search");

/** An element with properties and children; text is never read as HTML. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", "#39": "'", "#x27": "'" };
const plain = (text) => text.replace(/&(#?\w+);/g, (all, name) => ENTITIES[name] ?? all);

/** Pagefind's excerpt is escaped text with <mark>; only those become elements. */
function excerpt(html) {
  return html
    .split(/<mark>(.*?)<\/mark>/s)
    .map((part, index) => (index % 2 ? element("mark", { textContent: plain(part) }) : plain(part)));
}

function result(found) {
  return element(
    "li",
    {},
    element("a", { href: found.url, textContent: found.meta.title }),
    element("time", { textContent: found.meta.date ?? "" }),
    element("p", {}, ...excerpt(found.excerpt)),
  );
}

function start(pagefind) {
  const input = element("input", { type: "search", id: "q", name: "q", autocomplete: "off", enterKeyHint: "search" });
  const newest = element("input", { type: "checkbox", id: "newest" });
  const status = element("p", { className: "status", role: "status" });
  const list = element("ol", { className: "results" });
  const more = element("button", { type: "button", textContent: "更多结果", hidden: true });
  const form = element(
    "form",
    { role: "search" },
    element("label", { htmlFor: "q", textContent: "全文检索" }),
    input,
    element("label", { className: "order", htmlFor: "newest" }, newest, " 最新的在前"),
  );
  place.append(form, status, list, more);

  let results = [];
  let shown = 0;

  async function showMore() {
    const part = results.slice(shown, shown + STEP);
    const asked = results;
    const loaded = await Promise.all(part.map((one) => one.data()));
    if (asked !== results) return;
    list.append(...loaded.map(result));
    shown += part.length;
    more.hidden = shown >= results.length;
  }

  async function run(wait) {
    const query = input.value.trim();
    const address = new URL(location.href);
    if (query) address.searchParams.set("q", query);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    const options = newest.checked ? { sort: { date: "desc" } } : {};
    const answer = query ? await pagefind.debouncedSearch(query, options, wait) : { results: [] };
    if (answer === null) return; // a later query has taken its place
    results = answer.results;
    shown = 0;
    list.replaceChildren();
    status.textContent = !query ? "" : results.length ? `找到 ${results.length} 篇` : `没有找到“${query}”`;
    await showMore();
  }

  input.addEventListener("input", (event) => event.isComposing || run(250));
  input.addEventListener("compositionend", () => run(250));
  newest.addEventListener("change", () => run(0));
  more.addEventListener("click", showMore);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(0);
  });

  input.value = new URL(location.href).searchParams.get("q") ?? "";
  if (input.value) run(0);
}

const pagefind = await import("../pagefind/pagefind.js");
if (!pagefind.absent) {
  await pagefind.options({ baseUrl: new URL("..", import.meta.url).pathname, excerptLength: 40 });
  start(pagefind);
}
