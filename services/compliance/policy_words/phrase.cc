#include "services/compliance/policy_words/phrase.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace oversight::policy_words {

std::string ToMarkdown(const std::vector<Phrase>& phrases, int depth) {
  std::string text;
  for (const Phrase& phrase : phrases) {
    absl::StrAppend(&text, std::string(static_cast<size_t>(2 * depth), ' '), "- ", phrase.text, "\n",
                    ToMarkdown(phrase.parts, depth + 1));
  }
  return text;
}

std::string ToLine(const std::vector<Phrase>& phrases) {
  std::string line;
  for (const Phrase& phrase : phrases) {
    absl::StrAppend(&line, line.empty() ? "" : "; ",
                    std::string(absl::StripSuffix(phrase.text, phrase.parts.empty() ? "" : ":")));
    if (!phrase.parts.empty()) absl::StrAppend(&line, " (", ToLine(phrase.parts), ")");
  }
  return line;
}

}  // namespace oversight::policy_words
