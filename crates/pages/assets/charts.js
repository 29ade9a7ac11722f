// A chart that answers: the picture's own option object, drawn by the chart library over the picture, which stays beneath it for
// paper, for those who hear the page, and where anything here fails. Nothing is inline: the page allows no style but its sheet.
const lang = document.documentElement.lang || "en";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

let library;
const load = (address) => {
  library = library || new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => { library = undefined; script.remove(); reject(new Error("the chart library did not come")); };
    document.head.append(script);
  });
  return library;
};

// Colours of the page as they are now, by the names of their tokens.
const painted = (text, frame) => {
  const probe = document.createElement("span");
  probe.hidden = true;
  frame.append(probe);
  const known = {};
  const colour = (name) => {
    probe.style.color = "var(" + name + ")";
    return known[name] = known[name] || getComputedStyle(probe).color;
  };
  const said = text.replace(/var\((--[\w-]+)\)/g, (all, name) => colour(name));
  return { text: said, colour, done: () => probe.remove() };
};

const each = (axes) => axes === undefined ? [] : [].concat(axes);
const figure = new Intl.NumberFormat(lang, { maximumFractionDigits: 6 });
const percent = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 6 });
// The library reads `{name|text}` as markup of its own; a customer's name is none.
const plain = (words) => words.replace(/\{/g, "{\u200b");

// What only a browser adds: figures along axes in the reader's format, and what a point says.
const finish = (option, colour) => {
  each(option.xAxis).concat(each(option.yAxis)).forEach((axis) => {
    if (axis.type !== "value" || !axis.axisLabel || axis.axisLabel.show === false) return;
    const shares = String(axis.axisLabel.formatter || "").includes("%");
    axis.axisLabel.formatter = (value) => shares ? percent.format(value / 100) : figure.format(value);
  });
  const over_time = each(option.xAxis).some((axis) => axis.type === "time");
  option.stateAnimation = { duration: 0 };
  // Nothing is to be pressed here.
  each(option.series).forEach((series) => { series.cursor = "default"; });
  option.tooltip = {
    trigger: over_time ? "axis" : "item",
    renderMode: "richText",
    confine: true,
    // Above the tear of a broken axis.
    z: 200,
    transitionDuration: 0,
    showDelay: 0,
    axisPointer: { type: "line", animation: false, label: { show: false }, lineStyle: { color: colour("--control"), type: "solid" } },
    backgroundColor: colour("--surface"),
    borderColor: colour("--control"),
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { color: colour("--text"), fontFamily: "IBM Plex Sans, system-ui, sans-serif", fontSize: 12.5, lineHeight: 18 },
    formatter: (point) => {
      const one = Array.isArray(point) ? point[0] : point;
      return plain(one && one.data && one.data.says || "");
    },
  };
  return option;
};

// Points that say something, in the order in which they are read: by time, else as they stand.
const points = (option) => {
  const found = [];
  each(option.series).forEach((series, seriesIndex) => (series.data || []).forEach((item, dataIndex) => {
    if (item && item.says) found.push({ seriesIndex, dataIndex, says: item.says, at: Array.isArray(item.value) ? item.value[0] : dataIndex });
  }));
  return each(option.xAxis).some((axis) => axis.type === "time") ? found.sort((one, other) => one.at - other.at) : found;
};

export const wake = async (frame) => {
  const echarts = await load(frame.dataset.library);
  const host = document.createElement("div");
  host.className = "live";
  host.setAttribute("aria-hidden", "true");
  let chart, shown, at, list;

  // The picture that is seen: on a phone it is another one.
  const seen = () => Array.from(frame.querySelectorAll(".wide, .phone")).find((place) => place.offsetWidth > 0);
  const sit = () => {
    const place = seen();
    if (!place || !chart) return;
    if (place !== shown) { draw(); return; }
    const scale = place.offsetWidth / chart.getWidth();
    host.style.transform = scale === 1 ? "" : "scale(" + scale + ")";
  };
  const draw = () => {
    const place = seen();
    if (!place) return;
    const paint = painted(place.className === "phone" ? frame.dataset.phone : frame.dataset.wide, frame);
    const live = JSON.parse(paint.text);
    if (chart) chart.dispose();
    shown = place;
    at = -1;
    host.style.width = live.width + "px";
    host.style.height = live.height + "px";
    frame.append(host);
    echarts.registerLocale(lang.toUpperCase(), { time: {
      month: live.months, monthAbbr: live.months, dayOfWeek: ["", "", "", "", "", "", ""], dayOfWeekAbbr: ["", "", "", "", "", "", ""],
    } });
    chart = echarts.init(host, null, {
      width: live.width, height: live.height, locale: lang.toUpperCase(),
      devicePixelRatio: Math.max(1, window.devicePixelRatio || 1) * Math.max(1, place.offsetWidth / live.width),
    });
    chart.setOption(finish(live.option, paint.colour));
    list = points(live.option);
    paint.done();
    frame.classList.add("answers");
    sit();
  };
  draw();
  dark.addEventListener("change", draw);
  new ResizeObserver(sit).observe(frame);

  // With the keyboard: from point to point, each said.
  const hide = () => { at = -1; if (chart) chart.dispatchAction({ type: "hideTip" }); };
  const show = () => {
    const { seriesIndex, dataIndex, says } = list[at];
    chart.dispatchAction({ type: "showTip", seriesIndex, dataIndex });
    const said = document.querySelector("#live");
    if (said) said.textContent = says.replace(/\n/g, ", ");
  };
  frame.addEventListener("keydown", (event) => {
    if (!list.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = list.length - 1;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at < 0 ? last : at - 1, ArrowUp: at < 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") hide();
    if (next === undefined) return;
    event.preventDefault();
    at = Math.max(0, Math.min(last, next));
    show();
  });
  frame.addEventListener("focusout", hide);
};
