package dev.playground.monitoring.docs;

import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.ExportedTarget;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What there is to ask for: of the service by docs/telemetry.md, of the stack by its exports. */
public final class Telemetry {
    private static final Path DOCUMENT = Path.of("docs/telemetry.md");
    private static final Pattern METRIC =
            Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    /** Every series that Prometheus keeps of a target has these. */
    private static final Set<String> OF_THE_TARGET = Set.of("job", "instance");

    private Telemetry() {}

    /** The labels of each series, by its name. */
    public static Map<String, Set<String>> series() throws IOException {
        Map<String, Set<String>> series = new TreeMap<>();
        METRIC.matcher(Project.text(DOCUMENT)).results().forEach(row -> add(series, row));
        try (Stream<Path> files = Files.list(Project.TOP.resolve(ExportedTarget.FOLDER))) {
            for (Path file : files.toList()) {
                for (Exposition.Sample sample : new Exposition(Project.text(file)).samples()) {
                    add(series, sample.name(), sample.labels().keySet());
                }
            }
        }
        // Of Prometheus' own making.
        add(series, "up", Set.of());
        add(series, "scrape_duration_seconds", Set.of());
        add(series, "ALERTS", Set.of("alertname", "alertstate"));
        for (Rule rule : Rule.all()) {
            if (!rule.alert()) {
                // By the convention of the names, what it is aggregated to stands first.
                series.put(rule.name(), Set.of(rule.name().split(":")[0].split("_")));
            }
        }
        return series;
    }

    /** The labels of log lines, and the names of their metadata. */
    public static Set<String> logNames() {
        String text = Project.text(DOCUMENT);
        return ROW.matcher(text.substring(text.indexOf("\n## Logs\n")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
    }

    private static void add(Map<String, Set<String>> series, MatchResult row) {
        String name = row.group(1);
        Set<String> labels =
                NAME.matcher(row.group(3))
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toSet());
        switch (row.group(2)) {
            case "histogram" -> {
                Set<String> ofBuckets = new HashSet<>(labels);
                ofBuckets.add("le");
                add(series, name + "_bucket", ofBuckets);
                add(series, name + "_count", labels);
                add(series, name + "_sum", labels);
            }
            case "summary" -> {
                add(series, name + "_count", labels);
                add(series, name + "_sum", labels);
            }
            default -> add(series, name, labels);
        }
    }

    private static void add(Map<String, Set<String>> series, String name, Set<String> labels) {
        series.computeIfAbsent(name, n -> new HashSet<>(OF_THE_TARGET)).addAll(labels);
    }
}
