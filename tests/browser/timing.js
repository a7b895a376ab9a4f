// For each thing that is done: the milliseconds until its picture is there, and how many rows are shown then.
(async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const search = document.getElementById("search");
  const write = (text) => {
    search.value = text;
    search.dispatchEvent(new Event("input"));
  };
  const rows = () => [...document.querySelectorAll("tr.host")].filter((row) => !row.hidden).length;
  const measure = async (what) => {
    await painted();
    const began = performance.now();
    what();
    await painted();
    return [Math.round(performance.now() - began), rows()];
  };
  return {
    load: [Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd), rows()],
    search: await measure(() => write("web-00")),
    clear: await measure(() => write("")),
    sort: await measure(() => document.querySelector("th[data-key=host] button").click()),
    filter: await measure(() => document.querySelector(".total[data-outcome=failed]").click()),
  };
})()
