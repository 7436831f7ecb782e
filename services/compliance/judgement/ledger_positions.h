#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::compliance {

// How far each authority's ledgers have been applied.
class LedgerPositions {
 public:
  struct Position {
    int64_t revision = 0;
    std::string incarnation;
    std::string token;
  };

  void Advance(const std::string& ledger, const std::string& authority, Position position) {
    positions_[authority][ledger] = std::move(position);
  }
  // Forgets how far one ledger has been applied, for all authorities.
  void Forget(const std::string& ledger) {
    for (auto& [authority, ledgers] : positions_) ledgers.erase(ledger);
  }
  // Null when nothing of it has been applied.
  const Position* Find(const std::string& ledger, const std::string& authority) const {
    const auto ledgers = positions_.find(authority);
    if (ledgers == positions_.end()) return nullptr;
    const auto position = ledgers->second.find(ledger);
    return position == ledgers->second.end() ? nullptr : &position->second;
  }
  // Whether what the token stands for has been applied. A token of another life of the database cannot be
  // compared, and never holds anybody up.
  bool Covers(const ledger::v1::Token& token) const {
    const Position* position = Find(token.ledger(), AuthorityOf(token));
    if (position == nullptr) return token.revision() == 0;
    return position->revision >= token.revision() ||
           (!position->incarnation.empty() && position->incarnation != token.incarnation());
  }
  // Whether these points have been reached, as far as their ledgers still know of the authority at all.
  bool HasReached(const std::vector<ledger::v1::Token>& tokens) const {
    return std::all_of(tokens.begin(), tokens.end(), [this](const ledger::v1::Token& token) {
      return Find(token.ledger(), AuthorityOf(token)) == nullptr || Covers(token);
    });
  }
  std::vector<std::string> Tokens(const std::string& authority) const {
    std::vector<std::string> tokens;
    const auto ledgers = positions_.find(authority);
    if (ledgers == positions_.end()) return tokens;
    for (const auto& [ledger, position] : ledgers->second) tokens.push_back(position.token);
    return tokens;
  }
  // By authority, then ledger.
  const std::map<std::string, std::map<std::string, Position>>& all() const { return positions_; }
  const std::map<std::string, Position>* Of(const std::string& authority) const {
    const auto ledgers = positions_.find(authority);
    return ledgers == positions_.end() ? nullptr : &ledgers->second;
  }

 private:
  static std::string AuthorityOf(const ledger::v1::Token& token) {
    return token.authority().substr(token.authority().find('/') + 1);
  }

  std::map<std::string, std::map<std::string, Position>> positions_;  // by authority, then ledger
};

}  // namespace oversight::compliance
