package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.playground.monitoring.testkit.FakeLoki;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The entries of the appender equal those that Promtail makes of standard output. */
class LogParityTest {
    /** The size at which the appender sends a batch at once. */
    private static final int BATCH = 1000;

    @Property(tries = 5, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void pushesAndPrintsEqualEntries(@ForAll("batches") List<ILoggingEvent> events)
            throws Exception {
        assertEqualEntries(events);
    }

    @Provide
    Arbitrary<List<ILoggingEvent>> batches() {
        return LogEvents.lists(BATCH);
    }

    @Test
    void pushesAndPrintsMegabyteAsOneEntry() throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter());
        String text = "\u20ac\n\"\ud83d\ude00\ud83d\0".repeat(1 << 17);

        assertEqualEntries(
                List.of(
                        new LoggingEvent(
                                "fqcn", context.getLogger("a"), Level.INFO, text, null, null)));
    }

    private static void assertEqualEntries(List<ILoggingEvent> events) throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging = new ServiceLogging(loki)) {
            loki.accept();
            events.forEach(event -> logging.logger("any").callAppenders(event));

            List<String> lines = logging.stdoutLines();
            assertThat(lines)
                    .hasSameSizeAs(events)
                    .allMatch(line -> line.matches("(?s)\\{\"ts\":\"[^\"]{19}\\.\\d{9}Z\",.*}"));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> loki.entries().size() >= events.size());
            assertThat(ContainerLog.docker(lines))
                    .containsExactlyInAnyOrderElementsOf(loki.entries());
            assertThat(ContainerLog.kubernetes(lines))
                    .containsExactlyInAnyOrderElementsOf(loki.entries());
        }
    }
}
