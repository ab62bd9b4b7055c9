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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What logging says of its own troubles on standard error. */
class StatusPrinterTest {
    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(printed, true));
    }

    @AfterEach
    void restore() {
        System.setErr(stderr);
    }

    @Test
    void failedSendsAreLeftToTheSender() throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging =
                        new ServiceLogging(loki, OutputStream.nullOutputStream())) {
            logging.logger("a").info("to nobody");
            await().until(() -> logging.failedTries() >= 3);
            loki.answer(400);
            await().until(() -> logging.count("loki4j.send.errors") >= 1);

            assertThat(printed.toString()).isEmpty();
        }
    }

    @Test
    void anErrorOfTheAppenderIsPrintedOnceOfItsKind() {
        StatusPrinter printer = started();
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
    void whatOthersWarnOfIsPrintedEachTime() {
        StatusPrinter printer = started();
        for (int i = 1; i <= 2; i++) {
            printer.addStatusEvent(new WarnStatus("No such file", this));
            printer.addStatusEvent(new InfoStatus("All is well", this));
        }

        assertThat(printed.toString().lines()).hasSize(2).allMatch(l -> l.contains("No such file"));
    }

    @Test
    void anEventThatIsTooLargeIsReportedAsThatAndOnce() throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging =
                        new ServiceLogging(loki, OutputStream.nullOutputStream())) {
            loki.beWell();
            String label = ServiceLogging.LABELS.toString();
            String largest = "x".repeat(LokiAppender.MAX_EVENT - 2 * label.length());

            logging.logger("a").info("x".repeat(LokiAppender.MAX_EVENT));
            logging.logger("a").info("x".repeat(LokiAppender.MAX_EVENT));
            logging.logger("a").info(largest);

            await().until(() -> !loki.kept().isEmpty());
            assertThat(loki.kept()).extracting(LogEntry::line).containsExactly(largest);
            assertThat(printed.toString())
                    .hasSizeLessThan(1_000)
                    .containsOnlyOnce("Error occurred while appending an event")
                    .contains("bytes is not pushed")
                    .doesNotContain("Backpressure");
            assertThat(logging.count("loki4j.append.errors")).isEqualTo(2);
            assertThat(logging.count("loki4j.drop.events")).isZero();
        }
    }

    private static StatusPrinter started() {
        StatusPrinter printer = new StatusPrinter();
        printer.start();
        return printer;
    }
}
