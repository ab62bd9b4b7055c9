package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.ExportedTarget;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The series and log labels there are: the service's by docs/telemetry.md, the stack's by export.
 */
final class Telemetry {
    private static final String DOCUMENT = Project.text(Path.of("docs/telemetry.md"));
    private static final Pattern METRIC =
            Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    private Telemetry() {}

    /** The labels of each series, by its name. */
    static Map<String, Set<String>> series() {
        Map<String, Set<String>> series = new TreeMap<>();
        METRIC.matcher(DOCUMENT).results().forEach(row -> add(series, row));
        for (Path file : Project.list(ExportedTarget.FOLDER)) {
            for (Exposition.Sample sample : new Exposition(Project.text(file)).samples()) {
                add(series, sample.name(), sample.labels().keySet());
            }
        }
        // Prometheus itself makes these.
        add(series, "up", Set.of());
        add(series, "scrape_duration_seconds", Set.of());
        add(series, "ALERTS", Set.of("alertname", "alertstate"));
        // By the convention for their names, these begin with the labels that they keep.
        for (Rule rule : Rule.recordings()) {
            series.put(rule.name(), Set.of(rule.name().split(":")[0].split("_")));
        }
        return series;
    }

    /** The labels of log lines, and the names of their structured metadata. */
    static Set<String> logNames() {
        return names(ROW, DOCUMENT.substring(DOCUMENT.indexOf("\n## Logs\n")));
    }

    private static void add(Map<String, Set<String>> series, MatchResult row) {
        Set<String> labels = names(NAME, row.group(3));
        String type = row.group(2);
        if (!List.of("histogram", "summary").contains(type)) {
            add(series, row.group(1), labels);
            return;
        }
        add(series, row.group(1) + "_count", labels);
        add(series, row.group(1) + "_sum", labels);
        if (type.equals("histogram")) {
            add(series, row.group(1) + "_bucket", labels);
            add(series, row.group(1) + "_bucket", Set.of("le"));
        }
    }

    private static void add(Map<String, Set<String>> series, String name, Set<String> labels) {
        series.computeIfAbsent(name, n -> new HashSet<>(Set.of("job", "instance"))).addAll(labels);
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }
}
