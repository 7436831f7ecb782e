#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/import/import_run.h"
#include "services/oversightctl/import/progress.h"

namespace oversight::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const Tally& tally) {
  return {{"created", tally.created},   {"updated", tally.updated}, {"unchanged", tally.unchanged},
          {"restored", tally.restored}, {"retired", tally.retired}, {"notChecked", tally.unchecked},
          {"refused", tally.refused}};
}

void PrintJson(const ImportSettings& settings, const ImportReport& report, std::ostream& out) {
  Json kinds = Json::array();
  for (const auto& kind : report.kinds) {
    Json entry = {{"kind", kind.kind->type->name()}, {"seconds", kind.seconds}};
    entry.update(ToJson(kind.tally));
    kinds.push_back(std::move(entry));
  }
  Json refused = Json::array();
  for (const Refusal& refusal : report.refusals) {
    refused.push_back({{"file", refusal.origin.file},
                       {"line", refusal.origin.line},
                       {"reason", refusal.reason},
                       {"message", refusal.message},
                       {"fields", refusal.fields}});
  }
  Json vanished = Json::array();
  for (const VanishedKind& kind : report.vanished) {
    Json names = Json::array();
    for (const Item& item : kind.items) names.push_back(NameOf(*item.resource));
    vanished.push_back({{"kind", kind.kind->type->name()}, {"names", std::move(names)}});
  }
  const Json summary = {{"authority", absl::StrCat("authorities/", settings.authority)},
                        {"source", settings.source},
                        {"dryRun", settings.dry_run},
                        {"kinds", std::move(kinds)},
                        {"refused", std::move(refused)},
                        {"vanished", std::move(vanished)},
                        {"retired", report.retired.retired},
                        {"notes", report.notes},
                        {"tokens", report.tokens},
                        {"judged", report.waited}};
  out << summary.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

void PrintKinds(const ImportReport& report, std::ostream& out) {
  using Align = TextTable::Align;
  TextTable table({{"kind"},
                   {"records", Align::kRight},
                   {"created", Align::kRight},
                   {"updated", Align::kRight},
                   {"unchanged", Align::kRight},
                   {"restored", Align::kRight},
                   {"refused", Align::kRight},
                   {"seconds", Align::kRight}});
  Tally total;
  double seconds = 0;
  const auto add = [&](const std::string& label, const Tally& tally, double took) {
    table.Add({label, Thousands(tally.sent()), Thousands(tally.created), Thousands(tally.updated),
               Thousands(tally.unchanged), Thousands(tally.restored), Thousands(tally.refused),
               absl::StrFormat("%.1f", took)});
  };
  for (const auto& kind : report.kinds) {
    add(kind.kind->label, kind.tally, kind.seconds);
    total += kind.tally;
    seconds += kind.seconds;
  }
  add("total", total, seconds);
  table.Print(out);
  if (total.unchecked > 0) {
    out << "\n"
        << Thousands(total.unchecked)
        << " record(s) were not checked: they refer to records that are not stored yet.\n";
  }
}

void PrintVanished(const ImportSettings& settings, const ImportReport& report, std::ostream& out) {
  if (report.vanished.empty()) return;
  out << "\nHeld from an earlier import of \"" << settings.source << "\", no longer in these files:\n";
  for (const VanishedKind& kind : report.vanished) {
    out << "  " << Thousands(static_cast<int64_t>(kind.items.size())) << " " << kind.kind->label << "\n";
    if (!settings.verbose) continue;
    for (const Item& item : kind.items)
      out << "    " << NameOf(*item.resource) << " (" << item.origin.file << ")\n";
  }
  if (report.retired.sent() > 0) {
    out << ToText(report.retired) << ".\n";
  } else {
    out << "They stay as they are; --retire-vanished retires them, --verbose names them.\n";
  }
}

}  // namespace

void PrintSummary(const ImportSettings& settings, const ImportReport& report, const Console& console) {
  if (console.json) return PrintJson(settings, report, *console.out);
  if (report.kinds.empty() && report.refusals.empty()) return;
  *console.out << (settings.dry_run ? "\nDry run, nothing was stored. Would become of it:\n"
                                    : "\nImported:\n");
  PrintKinds(report, *console.out);
  if (!report.refusals.empty()) {
    std::set<std::string> files;
    for (const Refusal& refusal : report.refusals) files.insert(refusal.origin.file);
    *console.out << "\n"
                 << Thousands(static_cast<int64_t>(report.refusals.size())) << " row(s) of " << files.size()
                 << " file(s) refused; each is named above with its reason.\n";
  }
  PrintVanished(settings, report, *console.out);
  if (report.waited) *console.out << "\nCompliance has judged it.\n";
}

}  // namespace oversight::ctl
