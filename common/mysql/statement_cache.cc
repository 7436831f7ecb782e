#include "common/mysql/statement_cache.h"

namespace oversight::mysql {

PreparedStatement& StatementCache::Get(absl::string_view sql) {
  if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return statements_.front();
  }
  if (statements_.size() >= capacity_) EvictOne();
  std::string text(sql);
  std::unique_ptr<sql::PreparedStatement> handle(connection_.prepareStatement(text));
  statements_.push_front({std::move(text), std::move(handle)});
  by_sql_.emplace(statements_.front().sql, statements_.begin());
  return statements_.front();
}

void StatementCache::Forget(absl::string_view sql) {
  const auto found = by_sql_.find(sql);
  if (found == by_sql_.end()) return;
  const auto statement = found->second;
  by_sql_.erase(found);
  statements_.erase(statement);
}

void StatementCache::EvictOne() {
  for (auto it = statements_.end(); it != statements_.begin();) {
    --it;
    if (it->busy) continue;
    by_sql_.erase(it->sql);
    statements_.erase(it);
    return;
  }
}

}  // namespace oversight::mysql
