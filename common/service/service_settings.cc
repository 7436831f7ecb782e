#include "common/service/service_settings.h"

#include "absl/strings/str_cat.h"
#include "common/service/program_directory.h"

namespace oversight::service {
namespace {

void DeclareListening(config::Settings& settings) {
  settings.Section("Listening");
  settings.AddAddress("listen", "Where the gRPC API listens.").Default("127.0.0.1:50051");
  settings.AddAddress("metrics-listen", "Where Prometheus finds /metrics; plain HTTP.")
      .Default("127.0.0.1:9101");
  settings
      .AddDuration("drain-notice", "How long it reports NOT_SERVING before it refuses calls, after SIGTERM.",
                   absl::ZeroDuration(), absl::Minutes(5))
      .Default("2s");
  settings
      .AddDuration("drain-timeout", "How long running calls may take to end, after SIGTERM.",
                   absl::ZeroDuration(), absl::Minutes(10))
      .Default("20s");
  settings
      .AddDuration("max-connection-age",
                   "After this long a client is asked to connect anew, so that load spreads.",
                   absl::Seconds(1), absl::Hours(24))
      .Default("30m");
}

void DeclareSecurity(Needs needs, config::Settings& settings) {
  settings.Section("Security");
  settings
      .AddBoolean(
          "demo-mode",
          "No authentication; callers name themselves in the `oversight-demo-user` header. Only on loopback.")
      .Default("false");
  settings.AddFile("tls-certificate-file", "PEM certificate chain of this service, for server and client.")
      .Optional();
  settings.AddFile("tls-key-file", "PEM private key of the certificate.").Optional();
  settings
      .AddFile("tls-ca-file",
               "PEM certificates of the authority that signed clients' and servers' certificates.")
      .Optional();
  settings.AddBoolean("tls-require-client-certificate", "Refuse callers without a certificate.")
      .Default("false");
  settings.AddFile("jwt-keys-file", "JWKS or PEM file with the public keys that sign callers' tokens.")
      .Optional();
  settings.AddText("jwt-issuer", "The `iss` that tokens must bear.").Optional();
  settings.AddText("jwt-audience", "The `aud` that tokens must bear.").Optional();
  settings.AddText("jwt-authority-claim", "The claim with the ids of the authorities that a token is for.")
      .Default("authority");
  settings.AddText("jwt-groups-claim", "The claim with the caller's groups.").Default("groups");
  settings.AddText("jwt-worker-claim", "The claim with the id of the worker that the caller is.")
      .Default("worker");
  if (needs != Needs::kEverything) return;
  settings.AddCheck(
      {"demo-mode", "tls-certificate-file", "tls-key-file", "tls-ca-file", "jwt-keys-file", "jwt-issuer",
       "jwt-audience"},
      [](const config::Settings& all) {
        std::vector<FieldViolation> violations;
        const int tls = all.Has("tls-certificate-file") + all.Has("tls-key-file") + all.Has("tls-ca-file");
        if (tls != 0 && tls != 3) {
          violations.push_back(
              {"tls-certificate-file", "set tls-certificate-file, tls-key-file and tls-ca-file together"});
        }
        if (all.Has("jwt-keys-file") && !(all.Has("jwt-issuer") && all.Has("jwt-audience"))) {
          violations.push_back(
              {"jwt-issuer",
               "set jwt-issuer and jwt-audience with jwt-keys-file: a token made for something "
               "else must not be accepted here"});
        }
        if (!all.Boolean("demo-mode") && tls == 0 && !all.Has("jwt-keys-file")) {
          violations.push_back({"demo-mode",
                                "callers could not be identified: set jwt-keys-file or the tls files, or "
                                "demo-mode on loopback"});
        }
        return violations;
      });
}

void DeclareAccess(Needs needs, config::Settings& settings) {
  settings.Section("Who may do what");
  settings
      .AddFile("grants-file",
               "Protobuf text (oversight.access.v1.Grants): the roles of groups and of services. Read again "
               "when it "
               "changes.")
      .Optional();
  settings
      .AddFile("roles-file",
               "Protobuf text (oversight.access.v1.RoleTable): what each role may do, instead of the table "
               "built in.")
      .Optional();
  settings
      .AddText("first-administrator",
               "The `sub` of the caller who is administrator in the authorities of its token, to begin with; "
               "to be "
               "unset once grants exist.")
      .Optional();
  settings
      .AddDuration("max-workforce-age",
                   "Roles of workers do not hold by what workforce said longer ago than this.",
                   absl::Seconds(20), absl::Hours(24))
      .Default("5m");
  settings
      .AddInteger("access-log-keep-days",
                  "`access-log prune` removes records of the access log that are older. Unless set, it keeps "
                  "them as long as the longest period of the law, 100 years.",
                  30, 36525)
      .Default("36525");
  if (needs != Needs::kEverything) return;
  settings.AddCheck({"demo-mode", "grants-file", "first-administrator"}, [](const config::Settings& all) {
    std::vector<FieldViolation> violations;
    if (!all.Boolean("demo-mode") && !all.Has("grants-file") && !all.Has("first-administrator")) {
      violations.push_back(
          {"grants-file", "nobody could do anything: set grants-file, or first-administrator"});
    }
    return violations;
  });
}

void DeclareDatabase(Needs needs, config::Settings& settings) {
  settings.Section("Database");
  settings.AddText("db-host", "Host of MySQL or MariaDB.").Default("127.0.0.1");
  settings.AddInteger("db-port", "Its port.", 1, 65535).Default("3306");
  settings.AddText("db-socket", "Its Unix socket; used instead of host and port when set.").Optional();
  config::Setting& schema = settings.AddText("db-schema", "The service's own schema.");
  config::Setting& user =
      settings.AddText("db-user", "The service's own user; `migrate` needs one that may change the schema.");
  if (needs == Needs::kItsAddress) {
    schema.Optional();
    user.Optional();
  }
  settings.AddSecret("db-password", "The user's password.").Optional();
  settings
      .AddFile("db-ca-file",
               "PEM certificates; when set, the connection must be encrypted and the server verified.")
      .Optional();
  settings
      .AddInteger("db-pool-size",
                  "Connections at most; times replicas it must stay below the database's limit.", 2, 1000)
      .Default("16");
  settings
      .AddDirectory("migrations-dir",
                    "The schema's migrations; `migrations` beside the program when not set.")
      .Optional();
}

void DeclareLimits(config::Settings& settings) {
  settings.Section("Limits");
  settings.AddInteger("worker-threads", "Calls handled at once.", 1, 1000).Default("16");
  settings
      .AddInteger("queue-limit",
                  "Calls waiting for a worker, and as many that wait for their tokens; more are refused with "
                  "RESOURCE_EXHAUSTED.",
                  1, 100000)
      .Default("1024");
  settings.AddInteger("queue-limit-per-authority", "The same for one authority.", 1, 100000).Default("256");
  settings.AddInteger("bulk-threads", "Imports handled at once; they give way to other calls.", 1, 100)
      .Default("4");
  settings
      .AddInteger(
          "caller-rate",
          "Calls of one user in a second, on average; more are refused with RESOURCE_EXHAUSTED. 0 for no "
          "limit. Services are not limited.",
          0, 1000000)
      .Default("200");
  settings.AddInteger("caller-burst", "Calls of one user at once, after a rest.", 1, 1000000).Default("1000");
  settings.AddInteger("stream-threads", "Snapshots and verifications handled at once.", 1, 100).Default("4");
  settings.AddInteger("feed-limit", "Watches open at once.", 1, 10000).Default("256");
  settings.AddInteger("max-message-bytes", "Largest request accepted.", 65536, 67108864).Default("4194304");
  settings
      .AddDuration("longest-deadline", "Calls with a later deadline, or none, get this one.",
                   absl::Seconds(1), absl::Hours(1))
      .Default("60s");
}

void DeclareLogging(config::Settings& settings) {
  settings.Section("Logging");
  settings
      .AddChoice("log-level", "The least severe events that are logged.",
                 {"debug", "info", "warning", "error"})
      .Default("info");
  settings
      .AddSecret("log-hash-key",
                 "Key of the hashes that stand for resource names in logs; the same for all services of an "
                 "installation. Random for each process when not set.")
      .Optional();
}

}  // namespace

void DeclareSettings(const ServiceDefinition& definition, Needs needs, config::Settings& settings) {
  DeclareListening(settings);
  DeclareSecurity(needs, settings);
  DeclareAccess(needs, settings);
  DeclareDatabase(needs, settings);
  if (!definition.references.empty()) {
    settings.Section("Other services");
    for (const std::string& service : definition.references) {
      config::Setting& target = settings.AddText(
          absl::StrCat(service, "-target"),
          absl::StrCat("Address of the ", service,
                       " service: host:port, or dns:///name:port to use all its addresses in turn."));
      if (needs != Needs::kEverything) target.Optional();
    }
  }
  if (definition.declare_settings) definition.declare_settings(settings);
  DeclareLimits(settings);
  DeclareLogging(settings);
}

mysql::ConnectionOptions DatabaseOptions(const config::Settings& settings) {
  return {.host = settings.Text("db-host"),
          .port = static_cast<int>(settings.Integer("db-port")),
          .socket = settings.Text("db-socket"),
          .user = settings.Text("db-user"),
          .password = settings.Secret("db-password"),
          .schema = settings.Text("db-schema"),
          .ca_file = settings.Text("db-ca-file")};
}

std::string MigrationsDirectory(const ServiceDefinition& definition, const config::Settings& settings) {
  return settings.Has("migrations-dir") ? settings.Text("migrations-dir")
                                        : BesideProgram(definition.name, "migrations");
}

rpc::ServerOptions ServerOptionsOf(const config::Settings& settings) {
  const config::HostAndPort listen = settings.Address("listen");
  const bool v6 = listen.host.find(':') != std::string::npos;
  rpc::ServerOptions options;
  options.listen = absl::StrCat(v6 ? "[" : "", listen.host, v6 ? "]" : "", ":", listen.port);
  options.tls_certificate_file = settings.Text("tls-certificate-file");
  options.tls_key_file = settings.Text("tls-key-file");
  options.tls_client_ca_file = settings.Text("tls-ca-file");
  options.tls_require_client_certificate = settings.Boolean("tls-require-client-certificate");
  options.jwt_keys_file = settings.Text("jwt-keys-file");
  options.jwt_issuer = settings.Text("jwt-issuer");
  options.jwt_audience = settings.Text("jwt-audience");
  options.jwt_authority_claim = settings.Text("jwt-authority-claim");
  options.jwt_groups_claim = settings.Text("jwt-groups-claim");
  options.jwt_worker_claim = settings.Text("jwt-worker-claim");
  options.demo_mode = settings.Boolean("demo-mode");
  options.worker_threads = static_cast<int>(settings.Integer("worker-threads"));
  options.queue_limit = static_cast<int>(settings.Integer("queue-limit"));
  options.queue_limit_per_authority = static_cast<int>(settings.Integer("queue-limit-per-authority"));
  options.bulk_threads = static_cast<int>(settings.Integer("bulk-threads"));
  options.stream_threads = static_cast<int>(settings.Integer("stream-threads"));
  options.caller_rate = static_cast<int>(settings.Integer("caller-rate"));
  options.caller_burst = static_cast<int>(settings.Integer("caller-burst"));
  options.feed_limit = static_cast<int>(settings.Integer("feed-limit"));
  options.max_message_bytes = static_cast<int>(settings.Integer("max-message-bytes"));
  options.longest_deadline = settings.Duration("longest-deadline");
  options.drain_notice = settings.Duration("drain-notice");
  options.drain_timeout = settings.Duration("drain-timeout");
  options.max_connection_age = settings.Duration("max-connection-age");
  return options;
}

access::AccessOptions AccessOptionsOf(const config::Settings& settings) {
  return {.roles_file = settings.Text("roles-file"),
          .grants_file = settings.Text("grants-file"),
          .first_administrator = settings.Text("first-administrator"),
          .max_view_age = settings.Duration("max-workforce-age")};
}

rpc::ClientOptions ClientOptionsOf(const config::Settings& settings, const std::string& service,
                                   const std::string& target) {
  rpc::ClientOptions options;
  options.target = target;
  options.tls_ca_file = settings.Text("tls-ca-file");
  options.tls_certificate_file = settings.Text("tls-certificate-file");
  options.tls_key_file = settings.Text("tls-key-file");
  if (settings.Boolean("demo-mode")) options.demo_user = service;
  return options;
}

}  // namespace oversight::service
