#pragma once

#include <string>
#include <utility>
#include <vector>

// A policy in words, for those who answer for it and do not write it: a page to read, and what a new version
// changes.
namespace oversight::policy_words {

// A line of text with what belongs beneath it.
struct Phrase {
  std::string text;
  std::vector<Phrase> parts;

  Phrase() = default;
  Phrase(std::string of) : text(std::move(of)) {}  // NOLINT: a text is a phrase
  Phrase(const char* of) : text(of) {}             // NOLINT
  Phrase(std::string of, std::vector<Phrase> with) : text(std::move(of)), parts(std::move(with)) {}
  friend bool operator==(const Phrase&, const Phrase&) = default;
};

// As nested lists of Markdown, `depth` steps in.
std::string ToMarkdown(const std::vector<Phrase>& phrases, int depth = 0);
// In one line: `a; b (c; d)`.
std::string ToLine(const std::vector<Phrase>& phrases);

}  // namespace oversight::policy_words
