// Pages and the texts of their articles out of the fixtures of Postlight Parser: a public set for benchmarks/extraction.py.
//
//     node benchmarks/postlight.cjs PARSER OUT FIXTURES...
//
// PARSER is an installed `@postlight/parser`, FIXTURES the `fixtures` folders of its source packages, OUT the folder to be
// written: NAME/source.html and NAME/expected.html. The texts are those that the parser finds by the selectors which people
// wrote for each of these sites. docs/performance.md says how to get all of it, and what the figures are worth.

const fs = require("fs");
const path = require("path");

const [parser, out, ...roots] = process.argv.slice(2);
const Parser = require(path.resolve(parser));

const NO_ARTICLES = new Set([
  "biorxiv.org", "bookwalker.jp", "clinicaltrials.gov", "genius.com", "github.com", "jvndb.jvn.jp", "pastebin.com",
  "twitter.com", "www.reddit.com", "www.youtube.com",
]);
const SHORTEST_CHARS = 400;

async function write(file, site) {
  // The fixtures were saved with `value` for the `content` of every meta tag.
  const html = fs.readFileSync(file, "utf8").replaceAll("<meta value=", "<meta content=");
  if (html.length < 2000) return 0;
  const { content } = await Parser.parse(`https://${site}/article`, { html, fetchAllPages: false });
  if (!content || content.replace(/<[^>]*>/g, "").trim().length < SHORTEST_CHARS) return 0;
  const folder = path.join(out, `${site}_${path.basename(file, ".html")}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "source.html"), html);
  fs.writeFileSync(path.join(folder, "expected.html"), content);
  return 1;
}

(async () => {
  let written = 0;
  for (const root of roots) {
    for (const site of fs.readdirSync(root).filter((name) => !NO_ARTICLES.has(name))) {
      const folder = path.join(root, site);
      if (!fs.statSync(folder).isDirectory()) continue;
      for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".html"))) {
        if (fs.existsSync(path.join(out, `${site}_${path.basename(name, ".html")}`))) continue;
        written += await write(path.join(folder, name), site);
      }
    }
  }
  console.log(`${written} pages: ${out}`);
})();
