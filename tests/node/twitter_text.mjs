// Answers what X's own library says about a text: one JSON line in, one JSON line out, until the input ends.
// Indices are code points, end excluded; lists of people count as mentions.
import readline from "node:readline";

import twitterText from "twitter-text";

const V2 = twitterText.configs.version2;

const codePoints = (text, index) => [...text.slice(0, index)].length;

const spans = (text, entities) =>
  entities.map(({ indices: [start, end], ...rest }) => ({
    ...rest,
    start: codePoints(text, start),
    end: codePoints(text, end),
  }));

const answer = (text) => {
  const { weightedLength, valid } = twitterText.parseTweet(text);
  return {
    weightedLength,
    valid,
    weightedLengthV2: twitterText.parseTweet(text, V2).weightedLength,
    urls: spans(text, twitterText.extractUrlsWithIndices(text)),
    mentions: spans(text, twitterText.extractMentionsOrListsWithIndices(text)),
    cashtags: spans(text, twitterText.extractCashtagsWithIndices(text)),
    hashtags: spans(text, twitterText.extractHashtagsWithIndices(text)),
  };
};

for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line).text))}\n`);
}
