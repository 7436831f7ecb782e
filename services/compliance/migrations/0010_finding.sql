-- The findings as they stand, one for each rule and subject. `instance` is the day from which the gap runs.
CREATE TABLE finding (
  authority VARBINARY(63) NOT NULL,
  rule VARBINARY(127) NOT NULL,
  subject VARBINARY(191) NOT NULL,
  instance DATE NOT NULL,
  status TINYINT UNSIGNED NOT NULL,
  row_id VARBINARY(127) NOT NULL,
  due DATE NULL,
  policy_version VARBINARY(63) NOT NULL,
  batch BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (authority, rule, subject)
) ENGINE=InnoDB;
