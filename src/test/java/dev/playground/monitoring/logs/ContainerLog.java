package dev.playground.monitoring.logs;

import dev.playground.monitoring.logs.PromtailPipeline.Line;
import dev.playground.monitoring.testkit.LogEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Standard output on its way through a container's runtime and the committed pipeline. */
final class ContainerLog {
    /** When the runtime saw a line, to the nanosecond as it writes it. */
    static final long SEEN = 1_795_478_400_123_456_789L;

    private static final String SEEN_TEXT = "2026-11-24T00:00:00.123456789Z";

    /** At which the runtimes split a line. */
    private static final int PART = 16 * 1024;

    private static final PromtailPipeline PIPELINE = committedPipeline();

    private ContainerLog() {}

    /**
     * Docker keeps a long line in parts of so many bytes, and in each one of them writes U+FFFD for
     * what is not well-formed, a character cut in two among it. Promtail puts the parts together
     * before its pipeline.
     */
    static List<LogEntry> docker(List<String> lines) {
        return docker(List.of(), lines);
    }

    /**
     * @param earlier lines with times of their own
     */
    static List<LogEntry> docker(List<Line> earlier, List<String> lines) {
        List<Line> whole = new ArrayList<>(earlier);
        for (String line : lines) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            StringBuilder parts = new StringBuilder();
            for (int from = 0; from < bytes.length; from += PART) {
                int length = Math.min(PART, bytes.length - from);
                parts.append(new String(bytes, from, length, StandardCharsets.UTF_8));
            }
            whole.add(new Line(parts.toString(), SEEN));
        }
        return PIPELINE.ship(ServiceLogging.LABELS, whole);
    }

    /**
     * The file on the node has a time, a stream and a flag before each part of a long line. It
     * keeps the bytes, so it does not matter where the line is cut.
     */
    static List<LogEntry> kubernetes(List<String> lines) {
        List<Line> inFile = new ArrayList<>();
        for (String line : lines) {
            String rest = line;
            for (; rest.length() > PART; rest = rest.substring(PART)) {
                inFile.add(inFile("P", rest.substring(0, PART)));
            }
            inFile.add(inFile("F", rest));
        }
        Map<String, String> labels = new HashMap<>(ServiceLogging.LABELS);
        labels.put("filename", "/var/log/pods/shop_backend/0.log");
        return PIPELINE.ship(labels, inFile);
    }

    private static Line inFile(String flag, String text) {
        return new Line(SEEN_TEXT + " stdout " + flag + ' ' + text, 0);
    }

    private static PromtailPipeline committedPipeline() {
        try {
            return PromtailPipeline.committed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
