#include "common/resource/table.h"

#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/mysql/batch.h"
#include "common/status/error.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace oversight::resource {
namespace {

using mysql::Connection;
using mysql::Row;
using mysql::Value;

constexpr int kFixedColumns = 8;
constexpr char kFixedColumnNames[] =
    "authority, parent, id, version, deleted, create_time, update_time, state";

StoredResource ReadRow(const Row& row) {
  return {.key = {row.Bytes(0), row.Bytes(1), row.Bytes(2)},
          .version = row.Uint64(3),
          .deleted = row.Int64(4) != 0,
          .create_time = row.Time(5),
          .update_time = row.Time(6),
          .bytes = row.Bytes(7)};
}

// Whether a stored column says the same as the value that the message gives for it.
bool Agrees(const Row& row, int column, const Value& value) {
  if (std::holds_alternative<mysql::Null>(value.variant())) return row.IsNull(column);
  if (row.IsNull(column)) return false;
  struct Comparison {
    const Row& row;
    int column;
    bool operator()(mysql::Null) const { return false; }
    bool operator()(int64_t v) const { return row.Int64(column) == v; }
    bool operator()(uint64_t v) const { return row.Uint64(column) == v; }
    bool operator()(const std::string& v) const { return row.Bytes(column) == v; }
    bool operator()(CivilDay v) const { return row.Day(column) == v; }
    bool operator()(absl::Time v) const { return row.Time(column) == v; }
  };
  return std::visit(Comparison{row, column}, value.variant());
}

}  // namespace

std::string SerialiseState(const Message& state) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  state.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

Table::Table(const Kind& kind)
    : kind_(kind), columns_(kFixedColumns + static_cast<int>(kind.index_columns.size())) {
  std::string columns = kFixedColumnNames;
  replace_suffix_ =
      " ON DUPLICATE KEY UPDATE version = VALUES(version), deleted = VALUES(deleted), "
      "update_time = VALUES(update_time), state = VALUES(state)";
  for (const Kind::IndexColumn& index : kind.index_columns) {
    absl::StrAppend(&columns, ", ", index.column);
    absl::StrAppend(&replace_suffix_, ", ", index.column, " = VALUES(", index.column, ")");
  }
  select_ = absl::StrCat("SELECT ", columns, " FROM ", kind.table, " WHERE ");
  insert_ = absl::StrCat("INSERT INTO ", kind.table, " (", columns, ") VALUES ");
}

absl::Status Table::ReadByKeys(Connection& connection, std::span<const Key> keys, Lock lock,
                               StoredReader reader) const {
  // Keys come sorted by their parent; each run of one parent is one statement, so that rows are found by
  // primary key.
  const char* suffix = lock == Lock::kForUpdate ? " ORDER BY id FOR UPDATE" : "";
  const auto read = [&](const Row& row) { return reader(ReadRow(row)); };
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin;
    std::vector<Value> ids;
    while (end < keys.size() && keys[end].authority == keys[begin].authority &&
           keys[end].parent == keys[begin].parent) {
      ids.emplace_back(keys[end++].id);
    }
    const std::array<Value, 2> fixed = {keys[begin].authority, keys[begin].parent};
    OVERSIGHT_RETURN_IF_ERROR(mysql::QueryIn(connection,
                                             absl::StrCat(select_, "authority = ? AND parent = ? AND id IN "),
                                             suffix, fixed, ids, read));
    begin = end;
  }
  return absl::OkStatus();
}

absl::Status Table::ReadByParents(Connection& connection, const std::string& authority,
                                  std::span<const std::string> parents, Lock lock,
                                  StoredReader reader) const {
  const std::array<Value, 1> fixed = {authority};
  const std::vector<Value> values(parents.begin(), parents.end());
  const char* suffix = lock == Lock::kForUpdate ? " ORDER BY parent, id FOR UPDATE" : "";
  return mysql::QueryIn(connection, absl::StrCat(select_, "authority = ? AND parent IN "), suffix, fixed,
                        values, [&](const Row& row) { return reader(ReadRow(row)); });
}

absl::Status Table::ReadPage(Connection& connection, const std::string& authority, const std::string* parent,
                             const Key& after, bool with_deleted, int limit, StoredReader reader,
                             std::span<const Condition> conditions) const {
  std::string where = with_deleted ? "" : "deleted = 0 AND ";
  std::vector<Value> parameters;
  for (const Condition& condition : conditions) {
    absl::StrAppend(&where, condition.column, " ", condition.comparison, " ? AND ");
    parameters.push_back(condition.value);
  }
  const auto read = [&](const Row& row) { return reader(ReadRow(row)); };
  const auto add = [&](auto... values) { (parameters.emplace_back(values), ...); };
  if (parent != nullptr) {
    add(authority, *parent, after.id, int64_t{limit});
    return connection.Query(
        absl::StrCat(select_, where, "authority = ? AND parent = ? AND id > ? ORDER BY id LIMIT ?"),
        parameters, read);
  }
  add(authority, after.parent, after.parent, after.id, int64_t{limit});
  return connection.Query(absl::StrCat(select_, where,
                                       "authority = ? AND (parent > ? OR (parent = ? AND id > ?)) "
                                       "ORDER BY parent, id LIMIT ?"),
                          parameters, read);
}

absl::Status Table::ReadMentioning(Connection& connection, const std::string& authority,
                                   const std::string& text, Lock lock, StoredReader reader) const {
  const std::array<Value, 2> parameters = {authority, text};
  return connection.Query(
      absl::StrCat(select_, "authority = ? AND deleted = 0 AND LOCATE(?, state) > 0 ORDER BY parent, id",
                   lock == Lock::kForUpdate ? " FOR UPDATE" : ""),
      parameters, [&](const Row& row) { return reader(ReadRow(row)); });
}

absl::Status Table::ReadAndCheckPage(
    Connection& connection, const std::string& authority, const Key& after, int limit,
    absl::FunctionRef<absl::Status(StoredResource, bool columns_agree)> reader) const {
  const std::array<Value, 5> parameters = {authority, after.parent, after.parent, after.id, int64_t{limit}};
  const std::unique_ptr<Message> state(kind_.prototype->New());
  return connection.Query(
      absl::StrCat(select_,
                   "authority = ? AND (parent > ? OR (parent = ? AND id > ?)) ORDER BY parent, id LIMIT ?"),
      parameters, [&](const Row& row) {
        StoredResource stored = ReadRow(row);
        bool agree = state->ParseFromString(stored.bytes);
        for (size_t i = 0; agree && i < kind_.index_columns.size(); ++i) {
          agree = Agrees(row, kFixedColumns + static_cast<int>(i), kind_.index_columns[i].value(*state));
        }
        return reader(std::move(stored), agree);
      });
}

absl::Status Table::ReadAll(Connection& connection, const Key& after, bool with_deleted, int limit,
                            StoredReader reader) const {
  const std::array<Value, 2> parameters = {after.authority, int64_t{limit}};
  return connection.Query(
      absl::StrCat(select_, with_deleted ? "" : "deleted = 0 AND ",
                   "authority > ? AND parent = '' AND id = authority ORDER BY authority LIMIT ?"),
      parameters, [&](const Row& row) { return reader(ReadRow(row)); });
}

std::vector<Value> Table::Values(std::span<const Write> rows) const {
  std::vector<Value> values;
  values.reserve(rows.size() * static_cast<size_t>(columns_));
  for (const Write& write : rows) {
    const StoredResource& stored = *write.stored;
    for (const std::string* part : {&stored.key.authority, &stored.key.parent, &stored.key.id}) {
      values.emplace_back(*part);
    }
    values.emplace_back(stored.version);
    values.emplace_back(stored.deleted);
    values.emplace_back(stored.create_time);
    values.emplace_back(stored.update_time);
    values.emplace_back(stored.bytes);
    for (const Kind::IndexColumn& index : kind_.index_columns) values.push_back(index.value(*write.state));
  }
  return values;
}

absl::Status Table::Insert(Connection& connection, std::span<const Write> rows) const {
  return mysql::InsertRows(connection, insert_, columns_, "", Values(rows));
}

absl::Status Table::Replace(Connection& connection, std::span<const Write> rows) const {
  return mysql::InsertRows(connection, insert_, columns_, replace_suffix_, Values(rows));
}

absl::StatusOr<int64_t> Table::Remove(Connection& connection, const Key& key) const {
  const std::array<Value, 3> parameters = {key.authority, key.parent, key.id};
  for (const std::string& side : kind_.side_tables) {
    OVERSIGHT_RETURN_IF_ERROR(
        connection
            .Execute(absl::StrCat("DELETE FROM ", side, " WHERE authority = ? AND parent = ? AND id = ?"),
                     parameters)
            .status());
  }
  return connection.Execute(
      absl::StrCat("DELETE FROM ", kind_.table, " WHERE authority = ? AND parent = ? AND id = ?"),
      parameters);
}

absl::StatusOr<int64_t> Table::RemoveBeneath(Connection& connection, const std::string& authority,
                                             const std::string& parent) const {
  const std::string beneath = absl::StrCat(parent, "/");
  const std::array<Value, 4> parameters = {authority, parent, int64_t{static_cast<int64_t>(beneath.size())},
                                           beneath};
  constexpr char kBeneath[] = " WHERE authority = ? AND (parent = ? OR LEFT(parent, ?) = ?)";
  for (const std::string& side : kind_.side_tables) {
    OVERSIGHT_RETURN_IF_ERROR(
        connection.Execute(absl::StrCat("DELETE FROM ", side, kBeneath), parameters).status());
  }
  return connection.Execute(absl::StrCat("DELETE FROM ", kind_.table, kBeneath), parameters);
}

}  // namespace oversight::resource
