package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.LogEntry;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of log lines while Loki is in trouble: each is on standard output, whatever happens,
 * and in Loki once it is well.
 */
@Execution(ExecutionMode.CONCURRENT)
class OutageTest {
    /** Longer than a request may take and all the pauses between a few tries. */
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private FakeLoki loki;
    private ServiceLogging logging;
    private final List<String> written = new ArrayList<>();

    /** What the sender itself says; it logs as every other class of the service. */
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
    void everyLineArrivesAfterATroubleAtTheStart(Trouble trouble) throws Exception {
        trouble.befall(loki);
        write(50);
        waiting().until(() -> !reported(Level.WARN).isEmpty());
        write(50);

        loki.beWell();

        assertEverythingArrives();
    }

    @ParameterizedTest
    @EnumSource
    void everyLineArrivesAfterATroubleInTheMiddle(Trouble trouble) throws Exception {
        loki.beWell();
        write(50);
        waiting().until(() -> !loki.kept().isEmpty());
        trouble.befall(loki);
        write(50);
        waiting().until(() -> !reported(Level.WARN).isEmpty());

        loki.beWell();
        write(50);

        assertEverythingArrives();
    }

    @Test
    void everyLineArrivesAfterFiveSecondsWithoutLoki() throws Exception {
        loki.beWell();
        write(50);
        waiting().until(() -> !loki.kept().isEmpty());
        loki.vanish();
        for (int i = 0; i < 500; i++) {
            write(1);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }

        loki.beWell();

        assertEverythingArrives();
    }

    @Test
    void everyLineArrivesAtASlowLoki() throws Exception {
        loki.beSlow(Duration.ofSeconds(1));
        write(1500);

        assertEverythingArrives();
        assertThat(reported(Level.WARN)).isEmpty();
    }

    @Test
    void aLoneLineArrivesWithinASecond() {
        loki.beWell();
        millisUntilALineArrives();
        // From here on each one has to wait longest: a batch has just gone. The best of a few, for
        // a busy machine adds its own.
        long quickest = millisUntilALineArrives();
        for (int i = 0; i < 8 && quickest >= 1_000; i++) {
            quickest = millisUntilALineArrives();
        }

        assertThat(quickest).isLessThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 413})
    void aBatchThatLokiRefusesIsNotInTheWayOfTheNext(int status) throws Exception {
        loki.answer(status);
        write(1);
        waiting().until(() -> !reported(Level.WARN).isEmpty());

        loki.beWell();
        logging.logger("a").info("after");

        waiting().until(() -> loki.kept().stream().anyMatch(e -> e.line().equals("after")));
        assertThat(kept()).containsExactly("after");
        assertThat(logging.stdoutLines()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"ABSENT", "RESETTING", "UNAVAILABLE"})
    void aBatchThatLokiRefusesRightAfterATroubleIsNotInTheWayOfTheNext(Trouble trouble)
            throws Exception {
        trouble.befall(loki);
        write(1);
        waiting().until(() -> logging.failedTries() >= 1);
        loki.beWellAfter(400);
        logging.logger("a").info("after");

        waiting().until(() -> !loki.kept().isEmpty());
        assertThat(kept()).containsExactly("after");
        assertThat(logging.stdoutLines()).hasSize(2);
    }

    @Test
    void anAddressThatNobodyCanSendToIsReported() throws Exception {
        String nowhere = "http://127.0.0.1:99999";
        try (ServiceLogging astray = new ServiceLogging(nowhere, new ByteArrayOutputStream())) {
            astray.logger("a").info("line");

            waiting().until(() -> !reported(Level.WARN, nowhere).isEmpty());
            assertThat(reported(Level.WARN, nowhere).get(0).getFormattedMessage())
                    .contains("they are dropped");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTroubleIsReportedOnceAndSoIsItsEnd(Trouble trouble) throws Exception {
        trouble.befall(loki);
        write(50);
        waiting().until(() -> logging.failedTries() >= 2);
        write(50);

        loki.beWell();
        assertEverythingArrives();
        waiting().until(() -> !reported(Level.INFO).isEmpty());

        assertThat(reported(Level.WARN)).hasSize(1);
        assertThat(reported(Level.INFO)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void stoppingDuringATroubleLosesNoLineOnStandardOutputAndEnds(Trouble trouble)
            throws Exception {
        trouble.befall(loki);
        write(100);
        waiting().until(() -> !reported(Level.WARN).isEmpty());
        write(100);

        long started = System.nanoTime();
        logging.stopShipping(Duration.ofMillis(300));

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
        assertEverythingIsOnStandardOutput();
    }

    @Test
    void stoppingSendsWhatIsLeftToALokiThatIsWell() throws Exception {
        loki.beWell();
        write(2500);

        logging.stopShipping(LIMIT);

        assertThat(kept()).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void stoppingSendsWhatIsLeftToASlowLoki() throws Exception {
        loki.beSlow(Duration.ofMillis(500));
        write(2500);

        logging.stopShipping(LIMIT);

        assertThat(kept()).containsExactlyInAnyOrderElementsOf(written);
    }

    private long millisUntilALineArrives() {
        long started = System.nanoTime();
        write(1);
        waiting()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> loki.kept().size() == written.size());
        return Duration.ofNanos(System.nanoTime() - started).toMillis();
    }

    private void write(int lines) {
        for (int i = 0; i < lines; i++) {
            String line = "line " + written.size();
            written.add(line);
            logging.logger("a").info(line);
        }
    }

    private void assertEverythingArrives() {
        waiting().until(() -> loki.kept().size() >= written.size());
        assertThat(kept()).containsExactlyInAnyOrderElementsOf(written);
        assertEverythingIsOnStandardOutput();
    }

    private void assertEverythingIsOnStandardOutput() {
        assertThat(ContainerLog.docker(logging.stdoutLines()))
                .extracting(LogEntry::line)
                .containsExactlyElementsOf(written);
    }

    private List<String> kept() {
        return loki.kept().stream().map(LogEntry::line).toList();
    }

    private List<ILoggingEvent> reported(Level level) {
        return reported(level, loki.url());
    }

    /** Of one Loki: others run at the same time. */
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
