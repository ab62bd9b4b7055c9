package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Latency;
import dev.playground.monitoring.testkit.LogCapture;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultLoadTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int MB = 1 << 20;

    private final Faults faults =
            new Faults(
                    new Behaviour(0, List.of(), new Latency.AnyOf(List.of(0)), 0, null),
                    System::nanoTime);
    private final FaultLoad load = new FaultLoad(faults);

    @AfterEach
    void stop() {
        load.stop();
    }

    @Test
    void cpuUsesItsShareOfOneCore() {
        long thread =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(t -> t.getName().equals("faults"))
                        .mapToLong(Thread::getId)
                        .max() // that of a test before may not have ended yet
                        .orElseThrow();
        start("{\"cpu\": 0.1}");
        long started = System.nanoTime();
        long before = THREADS.getThreadCpuTime(thread);

        await().until(() -> THREADS.getThreadCpuTime(thread) - before > 200_000_000);

        // On a busy machine the thread gets less.
        assertThat(0.2e9 / (System.nanoTime() - started)).isLessThan(0.15);
    }

    @Test
    void memoryIsThatOfTheLatestDocumentUntilItEnds() {
        long before = used();
        for (int i = 0; i < 100; i++) {
            start("{\"memory\": 64}");
        }
        await().until(() -> used() - before > 60 * MB && used() - before < 70 * MB);

        faults.delete();
        // Without a collection of the test.
        await().until(() -> heap() - before < 10 * MB);
    }

    @Test
    void outOfMemoryEndsTheFaultsAndNotTheThread() {
        FaultLoad failing = failing();
        try (var logs = LogCapture.of(FaultLoad.class)) {
            for (int i = 1; i <= 2; i++) {
                start("{\"memory\": 1}");
                await().until(() -> faults.effects() == null);

                assertThat(logs.events()).hasSize(i);
            }
            assertThat(logs.events()).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
        }
        failing.stop();
    }

    @Test
    void outOfMemoryEndsAHiddenFaultWithoutALogLine() {
        FaultLoad failing = failing();
        try (var logs = LogCapture.all()) {
            faults.hide(read("{\"memory\": 1}"), Duration.ZERO, FaultsTest.NO_CALLS);
            await().until(() -> faults.allEffects() == null);

            assertThat(logs.events()).isEmpty();
        }
        failing.stop();
    }

    /** Instead of the load under test: each allocation fails. */
    private FaultLoad failing() {
        load.stop();
        return new FaultLoad(
                faults,
                () -> {
                    throw new OutOfMemoryError();
                });
    }

    private static long used() {
        System.gc();
        return heap();
    }

    private static long heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void start(String document) {
        faults.start(read(document));
    }

    private static FaultDocument read(String document) {
        return FaultReader.read(document.getBytes(StandardCharsets.UTF_8));
    }
}
