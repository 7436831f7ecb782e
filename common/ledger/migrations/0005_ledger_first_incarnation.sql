INSERT INTO ledger_incarnation (id, incarnation, since) VALUES (1, UNHEX(REPLACE(UUID(), '-', '')), UTC_TIMESTAMP(6));
