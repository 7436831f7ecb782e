-- How findings changed, batch by batch. Status 0 stands for no finding.
CREATE TABLE finding_change (
  authority VARBINARY(63) NOT NULL,
  batch BIGINT UNSIGNED NOT NULL,
  number INT UNSIGNED NOT NULL,
  rule VARBINARY(127) NOT NULL,
  subject VARBINARY(191) NOT NULL,
  instance DATE NOT NULL,
  from_status TINYINT UNSIGNED NOT NULL,
  to_status TINYINT UNSIGNED NOT NULL,
  due DATE NULL,
  policy_version VARBINARY(63) NOT NULL,
  PRIMARY KEY (authority, batch, number),
  KEY finding_change_by_subject (authority, subject, batch, number)
) ENGINE=InnoDB;
