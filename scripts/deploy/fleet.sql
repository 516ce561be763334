-- SPDX-License-Identifier: MIT
-- The bugs of a fleet, from the JSON lines that corotrace serve (or attach, or run) wrote in each pod: one row a bug,
-- for fingerprints are equal over hosts, paths and releases. For SQLite, with all lines in a table lines(line TEXT). A
-- line that was cut off, by a pod that was killed while it wrote, is left out. Processes that still run have told no
-- count yet: those of their sites are in /metrics. Where no query is wanted, corotrace merge makes the same list.
CREATE TEMP VIEW sites AS
    SELECT json_extract(line, '$.fingerprint') AS fingerprint,
           json_extract(line, '$.kind') AS kind,
           json_extract(line, '$.coroutine.qualname') AS coroutine,
           json_extract(line, '$.mistake.id') AS mistake,
           json_extract(line, '$.count') AS count,
           json_extract(line, '$.time') AS time
    FROM (SELECT line FROM lines WHERE json_valid(line))
    WHERE json_extract(line, '$.event') = 'site';

SELECT fingerprint, kind, max(coroutine) AS coroutine, max(mistake) AS mistake, sum(count) AS drops,
       count(*) AS processes, min(time) AS first_seen
FROM sites
GROUP BY fingerprint, kind
ORDER BY drops DESC, fingerprint;
