#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/connection.h"
#include "common/resource/read_all.h"
#include "common/time/civil_day.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/lines_of_supervision.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

// Reads what questions about one authority as of one day are answered from.
class WorkforceFacts {
 public:
  // `authority` is an id. All else outlives it.
  WorkforceFacts(mysql::Connection& connection, const resource::Tables& tables, const Kinds& kinds,
                 std::string authority, CivilDay day)
      : connection_(connection),
        tables_(tables),
        kinds_(kinds),
        authority_(std::move(authority)),
        day_(day) {}

  // The supervisor links that hold on the day, in the order of their names.
  absl::StatusOr<std::vector<Line>> Lines() const;
  // The posts that hold on the day, by the name of the worker; only of workers who are employed then.
  absl::StatusOr<std::map<std::string, std::vector<v1::Post>>> PostsByWorker() const;
  // The absence of each worker who is away on the day, by the worker's name.
  absl::StatusOr<std::map<std::string, std::string>> Absences() const;

 private:
  template <typename Resource>
  absl::StatusOr<std::vector<Resource>> All(const resource::Kind& kind) const {
    return resource::ReadAll<Resource>(connection_, tables_, kind, authority_);
  }

  mysql::Connection& connection_;
  const resource::Tables& tables_;
  const Kinds& kinds_;
  const std::string authority_;
  const CivilDay day_;
};

// `authorities/a/workers/w` of `authorities/a/workers/w/posts/p`.
std::string WorkerOf(const std::string& name);

}  // namespace oversight::workforce
