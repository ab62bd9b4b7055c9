package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.LogEntry;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/**
 * The two copies of a line are equal in all that Loki compares: what the appender pushes, and what
 * Promtail makes of standard output.
 */
class LogParityTest {
    /** One batch of the appender, which it sends at once. */
    private static final int BATCH = 1000;

    @Property(tries = 5, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void whatIsPushedIsWhatPromtailMakesOfStandardOutput(
            @ForAll("batches") List<ILoggingEvent> events) throws Exception {
        assertBothCopiesEqual(events);
    }

    @Provide
    Arbitrary<List<ILoggingEvent>> batches() {
        return LogEvents.lists(BATCH);
    }

    @Test
    void aMegabyteIsOneLineAndOneEntryWhateverItHolds() throws Exception {
        String odd = "\u20ac\n\"\ud83d\ude00\ud83d\0";
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter());
        LoggingEvent event =
                new LoggingEvent(
                        "fqcn",
                        context.getLogger("a"),
                        Level.INFO,
                        odd.repeat(1 << 17),
                        null,
                        null);

        assertBothCopiesEqual(List.of(event));
    }

    private static void assertBothCopiesEqual(List<ILoggingEvent> events) throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging = new ServiceLogging(loki)) {
            loki.beWell();
            events.forEach(event -> logging.logger("any").callAppenders(event));

            List<String> lines = logging.stdoutLines();
            assertThat(lines.size()).isEqualTo(events.size());
            for (String line : lines) {
                assertThat(line).matches("(?s)\\{\"ts\":\"[^\"]{19}\\.\\d{9}Z\",.*}");
            }
            await().until(() -> loki.kept().size() >= events.size());
            Map<Long, LogEntry> pushed =
                    loki.kept().stream().collect(Collectors.toMap(LogEntry::nanos, e -> e));
            for (LogEntry tailed : ContainerLog.docker(lines)) {
                assertThat(pushed.get(tailed.nanos())).isEqualTo(tailed);
            }
            for (LogEntry tailed : ContainerLog.kubernetes(lines)) {
                assertThat(pushed.remove(tailed.nanos())).isEqualTo(tailed);
            }
            assertThat(pushed).isEmpty();
        }
    }
}
