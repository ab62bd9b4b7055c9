package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.FakeLoki.Failure;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.LogEntry;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Log lines while Loki fails: each is on standard output, and in Loki after it recovers. */
@Execution(ExecutionMode.CONCURRENT)
class OutageTest {
    /** Longer than a request may take and the pauses between a few retries. */
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private FakeLoki loki;
    private ServiceLogging logging;
    private final List<String> written = new ArrayList<>();
    private final LogCapture reports = LogCapture.of(LokiSender.class);

    @BeforeEach
    void start() throws Exception {
        loki = new FakeLoki();
        logging = new ServiceLogging(loki);
    }

    @AfterEach
    void stop() throws Exception {
        reports.close();
        logging.close();
        loki.close();
    }

    @ParameterizedTest
    @EnumSource
    void sendsEveryLineAfterFailures(Failure failure) throws Exception {
        // At the start, and over a connection that worked.
        for (int outages = 1; outages <= 2; outages++) {
            loki.fail(failure);
            write(50);
            awaitFailedPushes(2);
            write(50);
            awaitFailedPushes(1);

            loki.accept();
            write(50);

            assertEveryLineArrives();
            assertOutagesReported(outages);
        }
    }

    @Test
    void sendsEveryLineToSlowLokiWithoutReport() {
        loki.acceptAfter(Duration.ofSeconds(1));
        write(1500);

        assertEveryLineArrives();
        assertThat(reported(Level.WARN)).isEmpty();
    }

    @Test
    void sendsSingleLineWithinASecond() {
        loki.accept();
        millisUntilALineArrives();
        // The worst case, just after a batch; and the best of a few, since other tests run.
        long quickest = millisUntilALineArrives();
        for (int i = 0; i < 8 && quickest >= 1_000; i++) {
            quickest = millisUntilALineArrives();
        }

        assertThat(quickest).isLessThan(1_000);
    }

    private long millisUntilALineArrives() {
        long started = System.nanoTime();
        write(1);
        waiting()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> loki.entries().size() == written.size());
        return Duration.ofNanos(System.nanoTime() - started).toMillis();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 413})
    void dropsRejectedBatchOnly(int status) {
        loki.reject(status);
        write(1);
        waiting().until(() -> !reported(Level.WARN).isEmpty());
        loki.accept();

        assertNextLineArrivesAlone();
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECTION_REFUSED", "CONNECTION_RESET", "SERVICE_UNAVAILABLE"})
    void dropsBatchRejectedAfterFailureOnly(Failure failure) throws Exception {
        loki.fail(failure);
        write(1);
        awaitFailedPushes(1);
        loki.accept(400);

        assertNextLineArrivesAlone();
    }

    private void assertNextLineArrivesAlone() {
        logging.logger("a").info("after");

        waiting().until(() -> stored().contains("after"));
        assertThat(stored()).containsExactly("after");
        assertThat(logging.stdoutLines()).hasSize(2);
    }

    @Test
    void reportsInvalidAddress() throws Exception {
        String invalid = "http://127.0.0.1:99999";
        try (var misconfigured = new ServiceLogging(invalid, new ByteArrayOutputStream())) {
            misconfigured.logger("a").info("line");

            waiting().until(() -> !reported(Level.WARN, invalid).isEmpty());
            assertThat(reported(Level.WARN, invalid).get(0).getFormattedMessage())
                    .contains("they are dropped");
        }
    }

    @ParameterizedTest
    @EnumSource
    void stopsInTimeDuringFailure(Failure failure) throws Exception {
        loki.fail(failure);
        write(100);
        waiting().until(() -> !reported(Level.WARN).isEmpty());
        write(100);

        long started = System.nanoTime();
        logging.stopShipping(Duration.ofMillis(300));

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
        assertEveryLineIsOnStandardOutput();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 500})
    void sendsBufferedLinesOnStop(int responseMillis) {
        loki.acceptAfter(Duration.ofMillis(responseMillis));
        write(2500);

        logging.stopShipping(LIMIT);

        assertThat(stored()).containsExactlyInAnyOrderElementsOf(written);
    }

    private void write(int lines) {
        for (int i = 0; i < lines; i++) {
            String line = "line " + written.size();
            written.add(line);
            logging.logger("a").info(line);
        }
    }

    private void awaitFailedPushes(int more) {
        long before = logging.failedPushes();
        waiting().until(() -> logging.failedPushes() >= before + more);
    }

    private void assertEveryLineArrives() {
        waiting().until(() -> loki.entries().size() >= written.size());
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(written);
        assertEveryLineIsOnStandardOutput();
    }

    private void assertEveryLineIsOnStandardOutput() {
        assertThat(ContainerLog.docker(logging.stdoutLines()))
                .extracting(LogEntry::line)
                .containsExactlyElementsOf(written);
    }

    private void assertOutagesReported(int outages) {
        waiting().until(() -> reported(Level.INFO).size() >= outages);
        assertThat(reported(Level.WARN)).hasSize(outages);
        assertThat(reported(Level.INFO)).hasSize(outages);
    }

    private List<String> stored() {
        return loki.entries().stream().map(LogEntry::line).toList();
    }

    private List<ILoggingEvent> reported(Level level) {
        return reported(level, loki.url());
    }

    /** About one Loki: other tests run at the same time. */
    private List<ILoggingEvent> reported(Level level, String url) {
        return reports.events().stream()
                .filter(event -> event.getLevel() == level)
                .filter(event -> event.getFormattedMessage().contains(url))
                .toList();
    }

    private static ConditionFactory waiting() {
        return await().atMost(LIMIT);
    }
}
