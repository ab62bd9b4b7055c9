package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** What a log call costs its caller, and what the appender costs the process. */
class AppenderLoadTest {
    /** The contract; some 30 times what is seen. */
    private static final Duration BOUND = Duration.ofMillis(1);

    @Test
    void tenThousandLinesAtTwoThousandASecondAllArriveAndNoCallWaits() throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging = new ServiceLogging(loki)) {
            loki.beWell();
            Logger logger = logging.logger("a.B");
            callTimed(5_000, 5_000, i -> logger.info("warm-up {}", i));

            long[] nanos = callTimed(10_000, 2_000, i -> logger.info("Request {} received", i));

            report("2,000 a second, Loki well", nanos);
            await().atMost(Duration.ofSeconds(20)).until(() -> loki.kept().size() >= 15_000);
            assertThat(loki.kept()).hasSize(15_000);
            assertThat(logging.stdoutLines()).hasSize(15_000);
            assertThat(logging.count("loki4j.drop.events")).isZero();
            assertThat(p99(nanos)).isLessThan(BOUND);
        }
    }

    @Test
    void aFullQueueHoldsNoCallUpAndTakesNoMoreMemoryAndIsReportedOnce() throws Exception {
        PrintStream stderr = System.err;
        ByteArrayOutputStream reported = new ByteArrayOutputStream();
        System.setErr(new PrintStream(reported, true));
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging =
                        new ServiceLogging(loki, OutputStream.nullOutputStream())) {
            loki.hang();
            Logger logger = logging.logger("a.B");
            String kilobytes = "x".repeat(2_000);
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                callTimed(1_000, 50_000, i -> logger.info(kilobytes));
                                return logging.count("loki4j.drop.events") > 1_000;
                            });
            double droppedBefore = logging.count("loki4j.drop.events");
            long memoryBefore = memoryInUse();

            long[] nanos = callTimed(40_000, 20_000, i -> logger.info(kilobytes));

            report("queue full, Loki hanging", nanos);
            System.out.printf(
                    "Memory before and after 80 MB more: %,d and %,d bytes%n",
                    memoryBefore, memoryInUse());
            assertThat(logging.count("loki4j.drop.events")).isGreaterThan(droppedBefore + 30_000);
            assertThat(memoryInUse() - memoryBefore).isLessThan(20_000_000);
            assertThat(p99(nanos)).isLessThan(BOUND);
            assertThat(reported.toString().lines())
                    .filteredOn(line -> line.contains("Backpressure"))
                    .hasSize(1);
        } finally {
            System.setErr(stderr);
        }
    }

    /** How long each call took, in nanoseconds, at so many calls a second. */
    private static long[] callTimed(int calls, int perSecond, IntConsumer call) {
        long[] nanos = new long[calls];
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long due = start + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            long before = System.nanoTime();
            call.accept(i);
            nanos[i] = System.nanoTime() - before;
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static void report(String what, long[] nanos) {
        System.out.printf(
                "A log call, %s: p50 %,d us, p99 %,d us, p99.9 %,d us, at most %,d us%n",
                what,
                nanos[nanos.length / 2] / 1_000,
                p99(nanos).toNanos() / 1_000,
                nanos[nanos.length * 999 / 1_000] / 1_000,
                nanos[nanos.length - 1] / 1_000);
    }

    private static Duration p99(long[] nanos) {
        return Duration.ofNanos(nanos[nanos.length * 99 / 100]);
    }

    /** On the heap, after a collection, and beside it, where loki4j has its queue. */
    private static long memoryInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }
}
