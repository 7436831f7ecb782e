#pragma once

#include <cppconn/connection.h>
#include <cppconn/prepared_statement.h>

#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace oversight::mysql {

// A statement prepared on the server, kept for the life of its connection.
struct PreparedStatement {
  std::string sql;
  std::unique_ptr<sql::PreparedStatement> handle;
  // True while a result of it is being read: the connector lets a second result overwrite the first.
  bool busy = false;
};

// The statements of one connection by their text; the least recently used one goes when there are too many.
class StatementCache {
 public:
  StatementCache(sql::Connection& connection, size_t capacity)
      : connection_(connection), capacity_(capacity) {}

  // Prepares the statement when it is new. Throws sql::SQLException. The reference holds until the next call,
  // and while the statement is busy.
  PreparedStatement& Get(absl::string_view sql);
  void Forget(absl::string_view sql);
  size_t size() const { return by_sql_.size(); }

 private:
  void EvictOne();

  sql::Connection& connection_;
  const size_t capacity_;
  // Most recently used first.
  std::list<PreparedStatement> statements_;
  // Keys point into the statements' own text.
  absl::flat_hash_map<absl::string_view, std::list<PreparedStatement>::iterator> by_sql_;
};

}  // namespace oversight::mysql
