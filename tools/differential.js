// What a browser shows of stories and of their posts: ([job, …], known) → one answer a job.
//
// job: the page's HTML, the post's HTML, the paths of what the rules took out with the number
// of its characters. known: what `differences.toml` lists. Captions come apart from the text,
// since a post puts a picture in front of the line in which it stands.
([jobs, known, hiding, captions]) => {
  const write = (frame, html) => {
    const page = frame.contentDocument;
    page.open();
    page.write(html);
    page.close();
    return page;
  };

  const squeezed = (text) => text.replace(/\s/gu, "");
  const UNSEEN = "script, style, noscript, template, iframe, noembed, noframes";
  const seen = (nodes) => {
    const holder = document.createElement("div");
    holder.append(...nodes.map((node) => node.cloneNode(true)));
    holder.querySelectorAll(UNSEEN).forEach((node) => node.remove());
    return [...squeezed(holder.textContent)].length;
  };

  // Words without an element of their own are recorded under the element around them.
  const run = (parent, chars) => {
    const nodes = [...parent.childNodes];
    for (let first = 0; first < nodes.length; first++)
      for (let last = first; last < nodes.length; last++) {
        const part = nodes.slice(first, last + 1);
        if (seen(part) === chars && squeezed(part[0].textContent)) return part;
      }
    return [];
  };

  // What is laid out, and cannot be seen all the same.
  const isClear = (node) => {
    const style = getComputedStyle(node);
    const place = node.getBoundingClientRect();
    return (
      style.opacity === "0" || style.fontSize === "0px" || parseFloat(style.textIndent) < -800 ||
      (/absolute|fixed/.test(style.position) && (style.clip !== "auto" || style.clipPath !== "none" || place.right < 0 || place.bottom < 0)) ||
      (style.overflow === "hidden" && !(place.width && place.height))
    );
  };

  const texts = (node) => {
    const found = [];
    const walker = node.ownerDocument.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) found.push(walker.currentNode);
    return found;
  };
  const optional = (words) => `\ue000${words.join("|")}\ue001`;
  const lineOf = (page, words) => {
    const line = page.createElement("div");
    line.textContent = words;
    return line;
  };

  const NUMBERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv"].map((one) => `${one}.`);
  for (let number = -9; number < 30; number++) NUMBERS.push(`${number}.`);
  const isWrapper = new WeakSet();
  const OPS = {
    tree: () => {},
    remove: (node) => node.remove(),
    unwrap: (node) => node.replaceWith(...node.childNodes),
    words: (node) => {
      const span = node.ownerDocument.createElement("span");
      for (const { name, value } of node.attributes) span.setAttribute(name, value);
      span.append(...node.childNodes);
      node.replaceWith(span);
    },
    open: (node) => (node.open = true),
    block: (node) => {
      const div = node.ownerDocument.createElement("div");
      for (const { name, value } of node.attributes) div.setAttribute(name, value);
      div.append(...node.childNodes);
      node.replaceWith(div);
    },
    line: (node) => {
      if (isWrapper.has(node)) return OPS.words(node);
      node.controls = true;
      const words = (node.title || "").trim();
      const said = ["视频", "音频", "图表", "地图", "帖文", "互动内容", ...(words ? [words] : [])];
      if (node.checkVisibility({ visibilityProperty: true }))
        node.replaceWith(lineOf(node.ownerDocument, optional(said)));
      else node.remove();
    },
    ruby: (node) => {
      for (const one of node.querySelectorAll("[style]"))
        if (one.style.display !== "none") one.style.display = "";
      OPS.words(node);
    },
    maybe: (node) => {
      const words = squeezed(node.textContent);
      node.replaceWith(words ? optional([words]) : "");
    },
    breaks: (node) => {
      for (const one of texts(node)) one.data = one.data.replace(/\s*\n\s*/g, "\ue002");
      OPS.unstyle(node);
    },
    unclass: (node) => {
      node.removeAttribute("class");
      OPS.block(node);
    },
    plain: (node) => {
      // Each line of a quotation has its own marks.
      const around = (opens, closes) => {
        for (const one of texts(node))
          if (squeezed(one.data) && !/^[\ue000-\ue002]/.test(one.data)) {
            one.before(optional(opens));
            one.after(optional(closes));
          }
      };
      const kind = node.localName;
      if (kind === "q") around(["“", "‘"], ["”", "’"]);
      else if (kind === "rt") around(["("], [")"]);
      else if (kind === "sub") around(["_(", "_"], [")"]);
      else if (kind === "sup") around(["^(", "^"], [")"]);
      else if (kind === "ol") [...node.childNodes].forEach((one) => one.before(optional(NUMBERS)));
      else
        for (const one of texts(node))
          if (squeezed(one.data) && !/[\ue000-\ue002]/.test(one.data)) one.data = optional([squeezed(one.data)]);
    },
    soft: (node) => {
      node.before("\ue002");
      node.after("\ue002");
    },
    joined: (node) => {
      node.textContent = (node.innerText ?? node.textContent).replace(/\s*\n\s*/g, "\ue002");
      if (node.checkVisibility()) node.style.display = "block";
    },
    first: (node) => {
      const children = [...node.parentElement.children];
      node.parentElement.insertBefore(node, children.find((one) => one.localName !== "caption"));
    },
    once: (node) => {
      let last = node;
      while (last && !last.nextSibling) last = last.parentElement;
      let next = last && last.nextSibling;
      while (next && !squeezed(next.textContent)) next = next.nextSibling;
      if (next && squeezed(next.textContent) === squeezed(node.textContent)) next.remove();
    },
    unstyle: (node) => node.removeAttribute("style"),
  };

  const tree = (node) =>
    [...node.children].map((child) => `${child.localName}(${tree(child)})`).join("");

  // A cell may be a line or not, on both sides.
  const cells = (text) => text.replaceAll("\t", "\ue002");

  const shown = (box) => {
    const found = [];
    for (const caption of box.querySelectorAll(captions)) {
      // In a formula or a drawing it is no HTML: a browser draws nothing of it.
      if (caption.innerText === undefined) caption.remove();
      else if (!caption.parentElement.closest(captions)) found.push(caption.innerText);
    }
    // `innerText` goes by the tree; a browser shows captions and the first head on top, and the
    // first foot below.
    for (const table of box.querySelectorAll("table")) {
      if (table.tHead) table.prepend(table.tHead);
      table.prepend(...[...table.children].filter((one) => one.localName === "caption"));
      if (table.tFoot) table.append(table.tFoot);
    }
    const all = cells(box.innerText);
    for (const caption of box.querySelectorAll(captions)) caption.replaceWith(lineOf(box.ownerDocument, ""));
    return { all, text: cells(box.innerText), captions: found };
  };

  const [pageFrame, postFrame] = document.querySelectorAll("iframe");
  return jobs.map(({ page, post, removed }) => {
    const source = write(pageFrame, page);
    const box = source.getElementById("box");
    const passed = known.some(({ selector, op }) => op === "tree" && box.querySelector(selector));
    if (passed) return null;
    const answer = { tree: tree(box), lost: [], attributes: [] };
    const taken = [];
    const players = [...box.querySelectorAll("video, audio")];
    players.filter((node) => seen([...node.childNodes]) > 60).forEach((node) => isWrapper.add(node));
    for (const { path, chars, rule } of removed) {
      let node = null;
      try {
        node = source.querySelector(path);
      } catch {}
      if (!node) answer.lost.push(path);
      else if (rule === "hidden" && ![...node.classList].some((name) => hiding.includes(name)) && !isClear(node)) continue;
      else if (node === box || seen([node]) !== chars) {
        const part = run(node, chars);
        if (!part.length && chars) answer.lost.push(`${path} has not ${chars} characters`);
        taken.push(...part);
      } else taken.push(node);
    }
    for (const node of taken) {
      const isBlock = node.nodeType === 1 && !/^(inline|none|contents)/.test(getComputedStyle(node).display);
      if (isBlock) node.replaceWith("\ue002");
      else node.remove();
    }
    for (const { selector, op } of known)
      for (const node of box.querySelectorAll(selector)) if (node.isConnected) OPS[op](node);
    for (const picture of box.querySelectorAll("img")) {
      answer.attributes.push(picture.title, picture.dataset.caption || "");
      const alt = picture.alt.trim();
      if (alt && [...alt].length <= 8) picture.replaceWith(optional([alt]));
      else picture.remove();
    }
    answer.page = shown(box);
    const made = write(postFrame, `<!DOCTYPE html><body><div id="box">${post}</div>`);
    const result = made.getElementById("box");
    result.querySelectorAll("img").forEach((picture) => picture.remove());
    answer.post = shown(result);
    result.innerHTML = post;
    result.querySelectorAll("figure").forEach((figure) => figure.remove());
    result.querySelectorAll("rp").forEach(OPS.words);
    result.querySelectorAll("sub, sup, del, s, q, rt, ol").forEach(OPS.plain);
    result.querySelectorAll("ol > li").forEach((item) => item.prepend(optional(NUMBERS)));
    answer.said = result.innerText.replace(/\n/g, "\ue002");
    return answer;
  });
};
