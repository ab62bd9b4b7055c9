package dev.playground.monitoring.logs;

import dev.playground.monitoring.logs.PromtailPipeline.Line;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.Project;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Standard output as it reaches Loki through a container runtime and Promtail. */
final class ContainerLog {
    /** When the runtime read each line, unless a test gives another time. */
    static final long SEEN = 1_795_478_400_123_456_789L;

    /** In bytes; the runtimes split longer lines. */
    static final int PART = 16 * 1024;

    private static final PromtailPipeline PROMTAIL =
            new PromtailPipeline(Project.text(Project.FILES.resolve("promtail/promtail.yaml")));

    private ContainerLog() {}

    static List<LogEntry> docker(List<String> lines) {
        return docker(ServiceLogging.LABELS, seen(lines));
    }

    static List<LogEntry> kubernetes(List<String> lines) {
        return kubernetes(ServiceLogging.LABELS, seen(lines));
    }

    static List<Line> seen(List<String> lines) {
        return lines.stream().map(line -> new Line(line, SEEN)).toList();
    }

    static List<LogEntry> docker(Map<String, String> labels, List<Line> lines) {
        return PROMTAIL.apply(
                labels,
                lines.stream().map(line -> new Line(inParts(line.text()), line.nanos())).toList());
    }

    /**
     * Docker writes U+FFFD for each byte of a character that it splits. Promtail joins the parts
     * and trims carriage returns.
     */
    private static String inParts(String line) {
        StringBuilder joined = new StringBuilder();
        int end = 0;
        for (int c : line.codePoints().toArray()) {
            int start = end;
            end += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (start / PART == (end - 1) / PART) {
                joined.appendCodePoint(c);
            } else {
                joined.append("\ufffd".repeat(end - start));
            }
        }
        return joined.toString().replaceAll("\r+$", "");
    }

    /** The file on the node keeps the bytes: it does not matter where a line is split. */
    static List<LogEntry> kubernetes(Map<String, String> labels, List<Line> lines) {
        List<Line> file = new ArrayList<>();
        for (Line line : lines) {
            String head = Instant.ofEpochSecond(0, line.nanos()) + " stdout ";
            String rest = line.text();
            for (; rest.length() > PART; rest = rest.substring(PART)) {
                file.add(new Line(head + "P " + rest.substring(0, PART), 0));
            }
            file.add(new Line(head + "F " + rest, 0));
        }
        return PROMTAIL.apply(labels, file);
    }
}
