-- oldest-app: 1
-- Counts by day; no row here says anything about one visitor.
CREATE TABLE slow_queries (
    day TEXT NOT NULL,
    statement TEXT NOT NULL,
    times BIGINT NOT NULL,
    worst_ms BIGINT NOT NULL,
    PRIMARY KEY (day, statement)
);

CREATE TABLE missing_pages (
    day TEXT NOT NULL,
    path TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (day, path)
);
