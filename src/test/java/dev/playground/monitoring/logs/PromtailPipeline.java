package dev.playground.monitoring.logs;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/**
 * The pipeline of promtail.yaml for the lines of one stream, for tests without Promtail. The stages
 * are fixed; the regular expressions and the bounds are those of the file, which is rejected when
 * its stages change. {@link PromtailE2E} compares the entries with Promtail's.
 */
final class PromtailPipeline {
    private static final String STAGES =
            """
            [{match={selector={namespace=~".+"} |~ "<cri>", stages=[{cri={}}]}}, \
            {match={selector={namespace=~".+"} |~ "<event>", stages=[\
            {json={expressions={ts=null, level=null, logger=null, thread=null, trace_id=null, \
            line=null}}}, {timestamp={source=ts, format=RFC3339Nano, action_on_failure=skip}}, \
            {labels={level=null}}, {structured_metadata={logger=null, thread=null, \
            trace_id=null}}, {output={source=line}}]}}, \
            {match={selector={namespace=~".+", level=""} |~ ".", stages=[\
            {multiline={firstline=<first>, max_wait_time=<wait>ms}}, \
            {multiline={firstline=<report>, max_wait_time=<reportWait>s, \
            max_lines=<reportLines>}}]}}, {labeldrop=[filename, stream]}]\
            """;
    private static final Pattern CRI = Pattern.compile("(\\S+) \\w+ ([FP]) ((?s).*)");

    /** The default of max_lines. */
    private static final int MAX_LINES = 128;

    private final Matcher stages;

    /**
     * @param file content of promtail.yaml, before the environment variables are expanded
     */
    PromtailPipeline(String file) {
        Map<String, Object> config =
                new Yaml().load(file.replaceAll("\\$\\{\\w+}", "").replace("$$", "$"));
        Object pipeline = Project.maps(config, "scrape_configs").get(0).get("pipeline_stages");
        stages =
                Pattern.compile(Pattern.quote(STAGES).replaceAll("<(\\w+)>", "\\\\E(?<$1>.*)\\\\Q"))
                        .matcher(pipeline.toString());
        if (!stages.matches()) {
            throw new IllegalArgumentException("Unsupported stages: " + pipeline);
        }
    }

    /**
     * @param nanos when the container runtime read the line
     */
    record Line(String text, long nanos) {}

    /**
     * @param labels the labels from discovery
     */
    List<LogEntry> apply(Map<String, String> labels, List<Line> lines) {
        List<LogEntry> entries = new ArrayList<>();
        Multiline reports =
                new Multiline(
                        regex("report"),
                        Duration.ofSeconds(number("reportWait")),
                        number("reportLines"),
                        (line, seen) -> entries.add(unchanged(labels, line)));
        Multiline lineGroups =
                new Multiline(
                        regex("first"), Duration.ofMillis(number("wait")), MAX_LINES, reports);
        Pattern cri = regex("cri");
        Pattern event = regex("event");
        StringBuilder partial = new StringBuilder();
        for (Line read : lines) {
            Line line = read;
            if (cri.matcher(line.text()).find()) {
                Matcher parts = CRI.matcher(line.text());
                parts.matches();
                partial.append(parts.group(3));
                if (parts.group(2).equals("P")) {
                    continue;
                }
                line = new Line(partial.toString(), nanos(parts.group(1)));
                partial.setLength(0);
            }
            LogEntry entry =
                    event.matcher(line.text()).find()
                            ? event(labels, line)
                            : unchanged(labels, line);
            if (entry.labels().containsKey("level") || entry.line().isEmpty()) {
                entries.add(entry);
            } else {
                lineGroups.accept(new Line(entry.line(), entry.nanos()), line.nanos());
            }
        }
        lineGroups.flush();
        reports.flush();
        return entries;
    }

    private static LogEntry unchanged(Map<String, String> labels, Line line) {
        return new LogEntry(labels, line.nanos(), line.text(), Map.of());
    }

    private static LogEntry event(Map<String, String> labels, Line line) {
        JsonNode object;
        try {
            // In an array, since the parser accepts text after the value.
            JsonNode values = Json.parse('[' + line.text() + ']');
            if (values.size() > 1) {
                return unchanged(labels, line);
            }
            object = values.get(0);
        } catch (UncheckedIOException malformed) {
            return unchanged(labels, line);
        }
        Map<String, String> fields = new HashMap<>();
        for (String name : List.of("ts", "level", "logger", "thread", "trace_id", "line")) {
            JsonNode value = object.get(name);
            if (value != null && !value.isNull()) {
                String text =
                        value.isContainerNode() ? Json.text(value) : value.coerceStringValue();
                fields.put(name, Utf16.replaceUnpairedSurrogates(text));
            }
        }
        Map<String, String> allLabels = new HashMap<>(labels);
        Map<String, String> metadata = new HashMap<>(fields);
        metadata.keySet().retainAll(List.of("logger", "thread", "trace_id"));
        if (fields.containsKey("level")) {
            allLabels.put("level", fields.get("level"));
        }
        long nanos = line.nanos();
        try {
            nanos = nanos(fields.getOrDefault("ts", ""));
        } catch (DateTimeException e) {
            // The time of the line remains.
        }
        return new LogEntry(allLabels, nanos, fields.getOrDefault("line", line.text()), metadata);
    }

    /** Joins lines with the last first line before them. */
    private static final class Multiline implements BiConsumer<Line, Long> {
        private final Pattern firstLine;
        private final long maxWait;
        private final int maxLines;
        private final BiConsumer<Line, Long> next;
        private final List<String> block = new ArrayList<>();

        /** Null before a first line. What continues a block that has ended has its time. */
        private Line first;

        private long lastSeen;

        Multiline(Pattern firstLine, Duration maxWait, int maxLines, BiConsumer<Line, Long> next) {
            this.firstLine = firstLine;
            this.maxWait = maxWait.toNanos();
            this.maxLines = maxLines;
            this.next = next;
        }

        @Override
        public void accept(Line line, Long seen) {
            boolean isFirst = firstLine.matcher(line.text()).find();
            if (first == null && !isFirst) {
                next.accept(line, seen);
                return;
            }
            if (isFirst || seen - lastSeen > maxWait) {
                flush();
            }
            if (isFirst) {
                first = line;
            }
            block.add(line.text());
            lastSeen = seen;
            if (block.size() == maxLines) {
                flush();
            }
        }

        void flush() {
            if (!block.isEmpty()) {
                next.accept(new Line(String.join("\n", block), first.nanos()), lastSeen);
                block.clear();
            }
        }
    }

    private Pattern regex(String group) {
        return Pattern.compile(stages.group(group).replace("[:space:]", "\\s"), Pattern.UNIX_LINES);
    }

    private int number(String group) {
        return Integer.parseInt(stages.group(group));
    }

    static long nanos(String rfc3339) {
        Instant time = Instant.parse(rfc3339);
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }
}
