#include "common/mysql/errors.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::mysql {
namespace {

enum class Kind { kConflict, kUnavailable, kDuplicate, kConstraint, kTimeout, kSchema, kOther };

// Client errors (2000 and up) mean that the conversation with the server is over or out of step.
bool IsClientError(int number) { return number >= 2000 && number < 3000; }

Kind KindOf(int number) {
  switch (number) {
    case 1020:  // the record changed since it was read
    case 1205:  // lock wait timeout
    case 1213:  // deadlock
    case 3572:  // NOWAIT met a lock (MySQL; MariaDB answers 1205)
    case 3101:  // a replication group refused the transaction at commit
      return Kind::kConflict;
    case 1040:  // too many connections
    case 1047:  // a Galera node that is not ready
    case 1053:  // shutdown in progress
    case 1129:  // host blocked
    case 1203:  // too many connections of this user
    case 1226:  // a limit of this user
    case 1290:  // read-only
    case 1317:  // interrupted, by an administrator or a shutdown
    case 1836:  // read-only
    case 1927:  // connection killed
    case 4031:  // the server closed an idle connection
      return Kind::kUnavailable;
    case 1062:
    case 1586:
      return Kind::kDuplicate;
    case 1451:
    case 1452:
    case 3819:
    case 4025:
      return Kind::kConstraint;
    case 1969:
    case 3024:
      return Kind::kTimeout;
    // These name tables, columns and types, never values.
    case 1005:
    case 1007:
    case 1008:
    case 1044:
    case 1048:
    case 1049:
    case 1050:
    case 1051:
    case 1054:
    case 1060:
    case 1061:
    case 1064:
    case 1067:
    case 1068:
    case 1071:
    case 1072:
    case 1075:
    case 1091:
    case 1101:
    case 1113:
    case 1115:
    case 1118:
    case 1142:
    case 1143:
    case 1146:
    case 1170:
    case 1193:
    case 1215:
    case 1227:
    case 1264:
    case 1273:
    case 1280:
    case 1305:
    case 1364:
    case 1406:
    case 1822:
    case 1824:
    case 1825:
    case 1826:
    case 1901:
    case 3780:
    case 4161:
      return Kind::kSchema;
    default:
      return IsClientError(number) ? Kind::kUnavailable : Kind::kOther;
  }
}

// The last text between a pair of `quote`: "... for key 'case_allocation.one_keyworker'" (MySQL) and
// "... for key 'one_keyworker'" (MariaDB) both give one_keyworker.
std::string LastQuoted(absl::string_view message, char quote) {
  const size_t end = message.rfind(quote);
  if (end == absl::string_view::npos || end == 0) return "";
  const size_t begin = message.rfind(quote, end - 1);
  if (begin == absl::string_view::npos) return "";
  absl::string_view name = message.substr(begin + 1, end - begin - 1);
  if (const size_t dot = name.rfind('.'); dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  return std::string(name);
}

std::string FirstQuotedAfter(absl::string_view message, absl::string_view lead, char quote) {
  const size_t start = message.find(lead);
  if (start == absl::string_view::npos) return "";
  const size_t begin = message.find(quote, start + lead.size());
  if (begin == absl::string_view::npos) return "";
  const size_t end = message.find(quote, begin + 1);
  if (end == absl::string_view::npos) return "";
  return std::string(message.substr(begin + 1, end - begin - 1));
}

std::string ConstraintName(int number, absl::string_view message) {
  switch (number) {
    case 1062:
    case 1586:
      return LastQuoted(message, '\'');
    case 3819:
      return FirstQuotedAfter(message, "", '\'');
    case 4025:
      return FirstQuotedAfter(message, "CONSTRAINT", '`');
    default:
      return FirstQuotedAfter(message, "CONSTRAINT", '`');
  }
}

}  // namespace

absl::Status StatusOfError(int number, absl::string_view sql_state, absl::string_view server_message) {
  const std::string text = absl::StrCat(number);
  switch (KindOf(number)) {
    case Kind::kConflict:
      return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                   "another transaction changed or holds the same rows; try again")
          .With("mysql_error", text);
    case Kind::kUnavailable:
      return Error(
                 absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
                 absl::StrCat("the database cannot be used at present (error ", number, "); try again later"))
          .With("mysql_error", text);
    case Kind::kDuplicate: {
      const std::string constraint = ConstraintName(number, server_message);
      return Error(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY",
                   absl::StrCat("a row with the same ", constraint, " exists already"))
          .With("constraint", constraint)
          .With("mysql_error", text);
    }
    case Kind::kConstraint: {
      const std::string constraint = ConstraintName(number, server_message);
      return Error(absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED",
                   absl::StrCat("the database's constraint ", constraint, " does not allow this"))
          .With("constraint", constraint)
          .With("mysql_error", text);
    }
    case Kind::kTimeout:
      return Error(absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT",
                   "a database statement took longer than allowed; narrow the request or try again")
          .With("mysql_error", text);
    case Kind::kSchema:
      return Error(absl::StatusCode::kInternal, "DATABASE_ERROR",
                   absl::StrCat("database error ", number, ": ", server_message))
          .With("mysql_error", text);
    case Kind::kOther:
      break;
  }
  return Error(absl::StatusCode::kInternal, "DATABASE_ERROR",
               absl::StrCat("database error ", number, " (SQLSTATE ", sql_state, ")"))
      .With("mysql_error", text);
}

bool BreaksSession(int number) { return KindOf(number) == Kind::kUnavailable; }

bool IsReadOnlyError(int number) { return number == 1290 || number == 1836; }

int ErrorNumberOf(const absl::Status& status) {
  int number = 0;
  if (!absl::SimpleAtoi(MetadataOf(status, "mysql_error"), &number)) return 0;
  return number;
}

bool IsConflict(const absl::Status& status) {
  return absl::IsAborted(status) && ReasonOf(status) == "TRANSACTION_CONFLICT";
}

}  // namespace oversight::mysql
