package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.core.status.ErrorStatus;
import ch.qos.logback.core.status.InfoStatus;
import ch.qos.logback.core.status.WarnStatus;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.LogEntry;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages of Logback and the appender on standard error. */
class StatusPrinterTest {
    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final StatusPrinter printer = new StatusPrinter();
    private FakeLoki loki;
    private ServiceLogging logging;

    @BeforeEach
    void start() throws Exception {
        System.setErr(new PrintStream(printed, true));
        printer.start();
        loki = new FakeLoki();
        logging = new ServiceLogging(loki, OutputStream.nullOutputStream());
    }

    @AfterEach
    void stop() throws Exception {
        logging.close();
        loki.close();
        System.setErr(stderr);
    }

    @Test
    void ignoresFailedPushes() {
        logging.logger("a").info("to nobody");
        await().atMost(Duration.ofSeconds(60)).until(() -> logging.failedPushes() >= 3);
        loki.reject(400);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> logging.count("loki4j.send.errors") >= 1);

        assertThat(printed.toString()).isEmpty();
    }

    @Test
    void printsAppenderErrorOncePerKind() {
        LokiAppender appender = new LokiAppender();
        for (int i = 1; i <= 3; i++) {
            printer.addStatusEvent(
                    new ErrorStatus(
                            "Error occurred while serializing batch #" + i + "f (7 bytes)",
                            appender,
                            new IllegalStateException("no text")));
            printer.addStatusEvent(
                    new WarnStatus("Backpressure: " + i + " messages dropped", appender));
        }

        assertThat(printed.toString())
                .containsOnlyOnce("Error occurred while serializing batch #1f")
                .contains("IllegalStateException: no text")
                .containsOnlyOnce("Backpressure: 1 messages dropped")
                .doesNotContain("#2f", "Backpressure: 2");
    }

    @Test
    void printsEveryOtherWarning() {
        for (int i = 1; i <= 2; i++) {
            printer.addStatusEvent(new WarnStatus("No such file", this));
            printer.addStatusEvent(new InfoStatus("Configured", this));
        }

        assertThat(printed.toString().lines()).hasSize(2).allMatch(l -> l.contains("No such file"));
    }

    @Test
    void printsTooLargeEventOnce() {
        loki.accept();
        int labels = ServiceLogging.LABELS.toString().length();
        String largest = "x".repeat(LokiAppender.MAX_EVENT - 2 * labels);

        logging.logger("a").info("x".repeat(LokiAppender.MAX_EVENT));
        logging.logger("a").info("x".repeat(LokiAppender.MAX_EVENT));
        logging.logger("a").info(largest);

        await().atMost(Duration.ofSeconds(60)).until(() -> !loki.entries().isEmpty());
        assertThat(loki.entries()).extracting(LogEntry::line).containsExactly(largest);
        assertThat(printed.toString())
                .hasSizeLessThan(1_000)
                .containsOnlyOnce("Error occurred while appending an event")
                .contains("bytes is not pushed")
                .doesNotContain("Backpressure");
        assertThat(logging.count("loki4j.append.errors")).isEqualTo(2);
        assertThat(logging.count("loki4j.drop.events")).isZero();
    }
}
