package dev.playground.monitoring.logs;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Lines of standard output that a log pipeline can get wrong. */
final class LogCorpus {
    static final String EVENT =
            "{\"ts\":\"2026-11-23T20:00:00.000000001Z\",\"level\":\"INFO\",\"logger\":\"a.B\","
                    + "\"thread\":\"main\",\"line\":\"text\"}";

    /** Neither an event nor a part of a stack trace. */
    static final List<String> SINGLE_LINES =
            List.of(
                    "",
                    " ",
                    "text",
                    "OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader",
                    "[0.004s][warning][cds] The AOT cache was created by a different version",
                    "Terminating due to java.lang.OutOfMemoryError: Java heap space",
                    "#",
                    "# A fatal error has been detected by the Java Runtime Environment:",
                    "\tat dev.playground.A.b(A.java:1)",
                    "Cannot open",
                    "Caused",
                    "wrote stdout F to the file",
                    "wrote stdout P to the file",
                    "{\"message\":\"no ts\",\"level\":\"INFO\"}",
                    "{\"ts\":\"2026-11-23T20:00:00.000000001Z\",\"level\":\"IN",
                    "{\"ts\":",
                    "{",
                    "null");

    static final List<String> STACK_TRACE =
            List.of(
                    "Exception in thread \"main\" java.lang.IllegalStateException: no",
                    "\tat dev.playground.A.b(A.java:1)",
                    "\tSuppressed: java.io.IOException",
                    "\t\tat dev.playground.A.c(A.java:2)",
                    "Caused by: java.lang.NullPointerException",
                    "\t... 1 more");

    /** The longest stack trace that a JVM prints. */
    static final List<String> STACK_OVERFLOW =
            IntStream.range(0, 1025)
                    .mapToObj(i -> i == 0 ? "java.lang.StackOverflowError" : "\tat A.b(A.java)")
                    .toList();

    /** Output of a container whose JVM received SIGSEGV: the report, an empty line, one line. */
    static final List<String> CRASH =
            Project.text(Path.of("src/test/resources/logs/crash-report.txt")).lines().toList();

    /** Begin like an event, but with values that the service does not write. */
    private static final List<String> ODD_EVENTS =
            List.of(
                    EVENT + " text",
                    EVENT + "," + EVENT,
                    "{\"ts\":\"yesterday\",\"level\":\"INFO\",\"line\":\"no time\"}",
                    "{\"ts\":null,\"level\":\"INFO\",\"thread\":{\"id\":[1]},\"line\":\"nested\"}",
                    "{\"ts\":1795464000.5,\"level\":3,\"line\":0.25}",
                    "{\"ts\":\"2026-11-23T20:00:00+01:00\",\"line\":\"offset, no level\"}",
                    "{\"ts\":\"2026-11-23T20:00:01Z\",\"level\":\"INFO\"}",
                    "{\"ts\":\"2026-11-23T20:00:02Z\",\"level\":\"WARN\",\"thread\":null,\"logger\":\"\","
                            + "\"line\":\"null and empty\"}",
                    "{\"ts\":\"2026-11-23T20:00:03Z\",\"level\":\"INFO\",\"line\":\"first\",\"line\":"
                            + "\"a \\ud83d b \\ude00 c \\ud83d\\ude00\"}",
                    "{\"ts\":\"2026-11-23T20:00:04Z\",\"level\":\"INFO\",\"thread\":7,\"logger\":true,"
                            + "\"line\":\"unknown fields\",\"mdc\":{\"a\":[{\"line\":\"b\"}]},\"deep\":"
                            + "[".repeat(500)
                            + "]".repeat(500)
                            + "}",
                    "{\"ts\":\"2026-11-23T20:00:05Z\",\"level\":\"INFO\",\"line\":\"a\\u0000b\\r\\n\"}\r");

    private static final List<String> CARRIAGE_RETURNS =
            List.of("text\r", "\tindented\r", "\r", "# comment\r", "#\r", "in the \r middle");

    private LogCorpus() {}

    /**
     * Everything; the reports of several lines first. An event without a level takes a different
     * path through Promtail than the lines around it, and may overtake them. Promtail may stop
     * reading for seconds while it pushes the long lines, and then sends what it has of a report.
     */
    static List<String> all() {
        List<String> all = new ArrayList<>();
        for (List<String> lines : List.of(STACK_TRACE, STACK_OVERFLOW, CARRIAGE_RETURNS, CRASH)) {
            all.addAll(lines);
        }
        all.addAll(List.of("text", EVENT, "\tat A.b(A.java)", "", "Caused by: no empty line"));
        all.addAll(SINGLE_LINES);
        all.addAll(ODD_EVENTS);
        // Characters of one to four bytes at every offset of the runtimes' splits.
        all.add(EVENT.replace("text", "\\u20ac\\ud83d\\ude00".repeat(ContainerLog.PART)));
        all.add("x".repeat(ContainerLog.PART));
        for (String character : List.of("x", "\u00df", "\u20ac", "\ud83d\ude00")) {
            for (int offset = 0; offset < 4; offset++) {
                all.add(".".repeat(offset) + character.repeat(2 * ContainerLog.PART));
            }
        }
        return all;
    }
}
