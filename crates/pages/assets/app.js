// PlantIntel in the browser. Pages work without this file; it adds keys, a drop zone, and answers without a reload.
(() => {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);

  const say = (text) => { const live = one("#live"); if (live) live.textContent = text; };

  // Forms that destroy something ask first; the button's words are the question.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset && event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  }, true);

  // What was typed is kept in this window until its form was answered: offline nothing is sent, and whoever was signed out
  // finds it again. Passwords and files are never kept.
  const typed = (() => { try { return window.sessionStorage; } catch (error) { return null; } })();
  const here = () => location.pathname + location.search;
  const bar = (words) => {
    const place = one("#bar");
    if (!place) return;
    place.hidden = !words;
    one("div", place).textContent = words;
    if (words) say(words);
  };
  const offline = () => bar(navigator.onLine ? "" : one("#bar") && one("#bar").dataset.sayOffline);
  window.addEventListener("offline", offline);
  window.addEventListener("online", offline);
  const fieldsOf = (form) => Array.from(form.elements).filter((field) => field.name && !/^(hidden|password|file|submit|button)$/.test(field.type));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !typed) return;
    const fields = fieldsOf(form).map((field) => [field.name, /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value]);
    if (fields.length) typed.setItem("typed", JSON.stringify({ page: here(), action: form.getAttribute("action"), fields }));
    if (!navigator.onLine) { event.preventDefault(); offline(); }
  });
  const again = () => {
    const kept = typed && JSON.parse(typed.getItem("typed") || "null");
    if (!kept || one(".door")) return;
    if (one("[data-signed-out]")) { typed.setItem("lost", "1"); return; }
    const form = typed.getItem("lost") && kept.page === here() && all("form").find((form) => form.getAttribute("action") === kept.action);
    typed.removeItem("typed");
    typed.removeItem("lost");
    if (!form) return;
    const fields = fieldsOf(form);
    kept.fields.forEach(([name, value], at) => {
      const field = fields[at] && fields[at].name === name ? fields[at] : fields.find((field) => field.name === name);
      if (!field) return;
      if (typeof value === "boolean") field.checked = value; else field.value = value;
    });
    bar(one("#bar") && one("#bar").dataset.sayAgain);
  };
  again();

  // Menus close on Escape and on a click elsewhere.
  const menus = "details.menu[open], details.plant[open]";
  document.addEventListener("click", (event) => {
    all(menus).forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // Filters answer as soon as they are changed.
  document.addEventListener("change", (event) => {
    const form = event.target.closest && event.target.closest("form[data-auto]");
    if (form && form.requestSubmit) form.requestSubmit();
  });

  // The slider of "What if": the finding's own figures times the share.
  const whatIf = (form) => {
    const share = Number(form.elements.share.value);
    const whole = (name) => Number(form.dataset[name]) * share / 100;
    const currency = form.dataset.currency;
    const lang = document.documentElement.lang;
    const money = (amount) => lang === "en" ? currency + Math.round(amount).toLocaleString("en-US") : Math.round(amount).toLocaleString(lang) + "\u00a0" + currency;
    one("[data-share]", form).textContent = String(share);
    one("[data-saved]", form).textContent = money(whole("value"));
    one("[data-range]", form).textContent = money(whole("low")) + " – " + money(whole("high"));
    one("[data-formula]", form).textContent = share + "% × " + money(Number(form.dataset.value)) + " " + form.dataset.sayYear + " = " + money(whole("value"));
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest && event.target.closest("form[data-what-if]");
    if (form) whatIf(form);
    const find = event.target.closest && event.target.closest("[data-find]");
    if (find) narrow(find);
  });

  // "Means": a list of fields that narrows while one types.
  const narrow = (input) => {
    const wanted = input.value.trim().toLowerCase();
    const list = one("select", input.closest(".picker"));
    all("option", list).forEach((option) => {
      option.hidden = wanted !== "" && !option.textContent.toLowerCase().includes(wanted) && option.value !== "";
    });
    all("optgroup", list).forEach((group) => {
      group.hidden = all("option", group).every((option) => option.hidden);
    });
  };

  // The drop zone: a file that is dropped or chosen is sent at once, with its progress.
  const zone = one("[data-drop]");
  if (zone) {
    const form = one("form", zone);
    const input = one("input[type=file]", form);
    const state = one("[data-progress]", zone);
    const send = () => {
      if (!input.files.length) return;
      const names = Array.from(input.files).map((file) => file.name).join(", ");
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "text/html");
      request.upload.addEventListener("progress", (event) => {
        const share = event.lengthComputable ? Math.round(event.loaded / event.total * 100) : 0;
        state.hidden = false;
        one("progress", state).value = share;
        one("[data-words]", state).textContent = share < 100 ? names + ": " + share + "% " + zone.dataset.saySent : names + ": " + zone.dataset.sayReading;
      });
      request.addEventListener("load", () => {
        if (request.status < 400 && request.responseURL && request.responseURL !== location.href) {
          location.assign(request.responseURL);
        } else {
          form.submit();
        }
      });
      request.addEventListener("error", () => {
        one("[data-words]", state).textContent = zone.dataset.sayBroke;
      });
      say(zone.dataset.saySending + " " + names);
      request.send(new FormData(form));
    };
    input.addEventListener("change", send);
    const pick = one("[data-pick]", zone);
    if (pick) pick.addEventListener("click", () => input.click());
    ["dragover", "dragenter"].forEach((name) => zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); }));
    ["dragleave", "drop"].forEach((name) => zone.addEventListener(name, () => zone.classList.remove("over")));
    zone.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; send(); });
  }

  // A question: the answer is shown while it is made. Without this the form is sent and the page comes back with it.
  const asking = one("#asking");
  const follow = async (form) => {
    const stop = new AbortController();
    const part = (name) => one("[data-" + name + "]", asking);
    let there = form.getAttribute("action");
    let spoken = 0;
    const open = () => { location.assign(there + "#latest"); if (location.pathname === there) location.reload(); };
    const hear = (name, data) => {
      const words = part("words");
      if (name === "conversation") there = "/ask/" + data;
      if (name === "model") part("state").textContent = data;
      if (name === "look_up") { const found = JSON.parse(data); part("state").textContent = found.name + ": " + found.detail; }
      if (name === "anew") { words.textContent = ""; spoken = 0; }
      if (name === "text") {
        words.textContent += data;
        const end = Math.max(words.textContent.lastIndexOf(". "), words.textContent.lastIndexOf("\n"));
        if (end > spoken) { say(words.textContent.slice(spoken, end + 1)); spoken = end + 1; }
      }
      if (name === "problem") { part("state").textContent = JSON.parse(data).detail; part("stop").hidden = true; throw new Error("refused"); }
      if (name === "done") open();
    };
    part("question").textContent = form.elements.question.value;
    part("words").textContent = "";
    asking.hidden = false;
    asking.scrollIntoView({ block: "nearest" });
    part("stop").onclick = () => { stop.abort(); setTimeout(open, 400); };
    const answer = await fetch(there, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/event-stream" }, signal: stop.signal });
    if (!(answer.headers.get("content-type") || "").startsWith("text/event-stream")) { asking.hidden = true; form.submit(); return; }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      events.forEach((event) => {
        const lines = event.split("\n");
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
        const name = lines.find((line) => line.startsWith("event:"));
        if (name) hear(name.slice(6).trim(), data);
      });
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!asking || !form.matches("form[data-ask]") || !window.TextDecoderStream) return;
    event.preventDefault();
    follow(form).catch((error) => { if (error.name !== "AbortError" && error.message !== "refused") form.submit(); });
  });
  all("[data-copy-link]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => { navigator.clipboard.writeText(location.href).then(() => say("Copied")); });
  });
  all("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(one("textarea", button.closest("section")).value).then(() => say("Copied"));
    });
  });

  // A chart answers from when somebody first points at it, focuses or touches it; what that takes is fetched then. Where it does not
  // come, the picture stays.
  const wake = (event) => {
    const frame = event.target.closest && event.target.closest("[data-live]");
    if (!frame || frame.dataset.awake) return;
    frame.dataset.awake = "soon";
    import(frame.dataset.live).then((charts) => charts.wake(frame)).then(() => { frame.dataset.awake = "yes"; }, () => { frame.dataset.awake = "no"; });
  };
  ["pointerover", "focusin", "touchstart"].forEach((name) => document.addEventListener(name, wake, { passive: true }));

  // Keys. Single letters act only while the page, not a field, has the focus.
  const places = { o: "/", f: "/findings", a: "/actions", e: "/explore", d: "/data", r: "/reports" };
  let waiting = false;
  const rows = () => all("table [data-row], table.cards tbody tr:not(.group):not(.drawer)");
  const step = (by) => {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.contains(document.activeElement));
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))];
    const target = one("a, button, summary", next);
    if (target) { target.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = one("#search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    if (event.key === "Escape") {
      all(menus).forEach((menu) => { menu.open = false; const summary = one("summary", menu); if (summary) summary.focus(); });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    if (waiting) {
      waiting = false;
      if (places[key]) { event.preventDefault(); location.assign(places[key]); }
      return;
    }
    if (key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1200); return; }
    if (key === "?") { location.assign("/help#keyboard"); return; }
    if (key === "/") { const filter = one(".filters input"); if (filter) { event.preventDefault(); filter.focus(); } return; }
    if (key === "j") { step(1); return; }
    if (key === "k") { step(-1); return; }
    if (key === "z") { const undo = one("[data-undo]"); if (undo) undo.click(); return; }
    if (/^[1-3]$/.test(key)) {
      const row = document.activeElement && document.activeElement.closest("[data-row]") || one("[data-row].open");
      const button = row && all("[data-decide]", row)[Number(key) - 1];
      if (button) { event.preventDefault(); button.click(); }
    }
  });

  // After a fragment came: announce what it says, and put the focus on errors.
  const settled = () => {
    const summary = one("[data-announce]");
    if (summary) say(summary.textContent);
    const urgent = one("[data-focus]");
    if (urgent) urgent.focus();
  };
  document.addEventListener("htmx:after:swap", settled);
  const urgent = one("[data-focus]");
  if (urgent) urgent.focus();
})();
