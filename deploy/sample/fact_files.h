#pragma once

#include <vector>

#include "deploy/sample/csv_file.h"
#include "deploy/sample/model.h"

// Oversight's own files of what the policies ask for besides sessions and cases. Each function writes the
// files of one idea; all of it follows from the authority and the seed. Most of what is asked is done, some
// is not.
namespace oversight::sample {

// Registrations with the regulator, and concerns about fitness to practise.
std::vector<CsvFile> RegistrationFiles(const Authority& authority);
// Training, yearly reviews, development plans.
std::vector<CsvFile> LearningFiles(const Authority& authority);
// How much workers can carry, and what was decided where they carry more.
std::vector<CsvFile> CapacityFiles(const Authority& authority);
// Leads, health checks, surveys, team managers and their monthly reviews.
std::vector<CsvFile> GovernanceFiles(const Authority& authority);
// Supervision agreements, statements of who gives what, planned series.
std::vector<CsvFile> AgreementFiles(const Authority& authority);
// What is agreed for students, observed and assessed of them, and what they do in cases.
std::vector<CsvFile> StudentFiles(const Authority& authority);
// Absences, and the notes that they left a gap.
std::vector<CsvFile> AbsenceFiles(const Authority& authority);
// Sessions, the cases discussed in them, their records, actions and audits.
std::vector<CsvFile> SessionFiles(const Authority& authority);
// Decisions, midway checks and disclosures outside sessions.
std::vector<CsvFile> OutsideFiles(const Authority& authority);
// Allocation records, carers' cases and matters, homes, placements, stricter frequencies.
std::vector<CsvFile> CaseFiles(const Authority& authority);

}  // namespace oversight::sample
