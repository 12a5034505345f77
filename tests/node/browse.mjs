// Looks at a site as people do, in a real Chromium, and as checkers do: axe-core and html-validate.
// Words: the program of the browser, the site's address, its folder, and for each of its kinds of page one place.
// Prints one JSON document of what was found; judging it is for the tests.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import axe from "axe-core";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const [program, address, folder, ...places] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
const complaints = [];

// Opens a page; whatever it complains of, or asks of another server, is kept.
async function opened(options, place, base = address) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(`${place}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${place}: ${error.message}`));
  page.on("request", (request) => request.url().startsWith(base) || complaints.push(`${place} asks ${request.url()}`));
  await page.goto(base + place);
  return page;
}

async function closing(page, work) {
  try {
    return await work(page);
  } finally {
    await page.context().close();
  }
}

// What axe-core finds on a page as it is now.
async function violations(page, name) {
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${name} ${id}: ${node.html}`));
}

// Every kind of page, loaded once: whether it fits three widths, and whether all can use it, in light and in dark.
async function looks() {
  const accessibility = [];
  const widths = [];
  await closing(await opened({ colorScheme: "light" }, ""), async (page) => {
    for (const place of places) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(address + place);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) widths.push(`${place} needs ${needed} of ${width}`);
      }
      await page.evaluate(axe.source);
      await page.setViewportSize({ width: 1280, height: 800 });
      accessibility.push(...await violations(page, `${place} light`));
      await page.setViewportSize({ width: 390, height: 800 });
      await page.emulateMedia({ colorScheme: "dark" });
      accessibility.push(...await violations(page, `${place} dark`));
    }
  });
  return { accessibility, widths };
}

async function markup() {
  const checker = new HtmlValidate(new FileSystemConfigLoader({
    root: true,
    extends: ["html-validate:recommended", "html-validate:document"],
    // Titles are the papers' own, and what a site loads from itself needs no seal.
    rules: { "long-title": "off", "require-sri": ["error", { target: "crossorigin" }] },
  }));
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html"));
  const found = [];
  for (const name of files) {
    const report = await checker.validateString(readFileSync(join(folder, name), "utf-8"));
    for (const { messages } of report.results) found.push(...messages.map((item) => `${name}:${item.line} ${item.ruleId}: ${item.message}`));
  }
  return { files: files.length, found };
}

const state = (page) => page.evaluate(() => ({
  status: document.getElementById("status").textContent,
  titles: [...document.querySelectorAll("#results a")].map((link) => link.textContent),
  marks: [...new Set([...document.querySelectorAll("#results mark")].map((mark) => mark.textContent))],
  focused: document.activeElement.id || document.activeElement.getAttribute("href"),
}));

async function typed(page, words) {
  await page.fill("#find", words);
  await page.waitForFunction(() => /\d|No pick/.test(document.getElementById("status").textContent));
  return state(page);
}

async function search(queries) {
  return closing(await opened({ viewport: { width: 390, height: 800 }, hasTouch: true }, "search/"), async (page) => {
    const answers = {};
    for (const words of queries) answers[words] = await typed(page, words);
    return { answers, address: page.url() };
  });
}

// From the first page by keys alone: to the search, through its results, and into one.
async function keyboard(words) {
  return closing(await opened({ viewport: { width: 1280, height: 800 } }, ""), async (page) => {
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("/");
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    await page.waitForURL(/search\/\?q=/);
    await page.waitForFunction(() => document.querySelectorAll("#results a").length);
    await page.focus("#find");
    const steps = [];
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown", "Escape", "ArrowDown"]) {
      await page.keyboard.press(key);
      steps.push((await state(page)).focused);
    }
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.pathname.includes("/search/"));
    return { first, steps, arrived: page.url() };
  });
}

async function theme() {
  const paper = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  return closing(await opened({ colorScheme: "dark" }, "about/"), async (page) => {
    const seen = [await paper(page)];
    const names = [];
    for (let click = 0; click < 3; click += 1) {
      await page.focus("#theme");
      await page.keyboard.press("Enter");
      names.push(await page.textContent("#theme span"));
      seen.push(await paper(page));
      if (click === 0) {
        await page.goto(address);
        seen.push(await paper(page));
      }
    }
    return { seen, names };
  });
}

async function withoutScript(place) {
  return closing(await opened({ javaScriptEnabled: false }, place), async (page) => {
    await page.click("summary");
    const shown = await page.innerText("main");
    const button = await page.isVisible("#theme");
    await page.goto(`${address}search/?q=a`);
    return { shown, button, search: await page.innerText("main") };
  });
}

async function asFiles(words) {
  const base = pathToFileURL(join(folder, "index.html")).href.slice(0, -"index.html".length);
  return closing(await opened({}, "index.html", base), async (page) => {
    await page.click(".item h3 a");
    const pick = page.url();
    await page.goto(`${base}search/index.html`);
    const { titles } = await typed(page, words);
    await page.click("#results a");
    return { pick: pick.slice(base.length), titles, arrived: page.url().slice(base.length) };
  });
}

async function printed(place) {
  return closing(await opened({}, place), async (page) => {
    await page.emulateMedia({ media: "print" });
    return { navigation: await page.isVisible("nav"), note: await page.isVisible(".note") };
  });
}

const report = {
  markup: await markup(),
  ...await looks(),
  search: await search(["plural", "jose muster", "2412.00769", "circiut", "<img src=x onerror=alert(1)>", "解释", "释性研究", "究", "究大", "GPT模型", "알아", "zebra"]),
  keyboard: await keyboard("reasoning"),
  theme: await theme(),
  withoutScript: await withoutScript("2412.00769/"),
  asFiles: await asFiles("plural"),
  printed: await printed("2412.00769/"),
  complaints,
};
await browser.close();
console.log(JSON.stringify(report));
