package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import dev.playground.monitoring.testkit.FakeLoki;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log call costs its caller, and what the appender costs the process. */
class AppenderLoadTest {
    /** The contract, for 99 of 100 calls; some 15 times what is seen. */
    private static final Duration BOUND = Duration.ofMillis(1);

    /**
     * For each call. A wait for Loki takes 2 seconds at least, the time to give a connection up.
     */
    private static final Duration LONGEST = Duration.ofMillis(1_500);

    /**
     * In bytes: half as much again as sendQueueMaxBytes in logback.xml, and what makes, sends and
     * here also receives a batch of 4 MB at most.
     */
    private static final long MEMORY = (20 * 3 / 2 + 5 * 4) * 1024 * 1024;

    @TempDir Path folder;

    @Test
    void tenThousandLinesAtTwoThousandASecondAllArriveAndNoCallWaits() throws Exception {
        // As in a container standard output is a file descriptor, which each line is written to.
        Path stdout = folder.resolve("stdout");
        try (FakeLoki loki = new FakeLoki();
                OutputStream toFile = new FileOutputStream(stdout.toFile());
                ServiceLogging logging = new ServiceLogging(loki, toFile)) {
            loki.beWell();
            Logger logger = logging.logger("a.B");
            callTimed(5_000, 5_000, i -> logger.info("warm-up {}", i));

            long[] nanos = callTimed(10_000, 2_000, i -> logger.info("Request {} received", i));

            report("2,000 a second, Loki well", nanos);
            await().atMost(Duration.ofSeconds(20)).until(() -> loki.kept().size() >= 15_000);
            assertThat(loki.kept()).hasSize(15_000);
            assertThat(Files.readAllLines(stdout)).hasSize(15_000);
            assertThat(logging.count("loki4j.drop.events")).isZero();
            assertThat(p99(nanos)).isLessThan(BOUND);
            assertThat(slowest(nanos)).isLessThan(LONGEST);
        }
    }

    @Test
    void aFullQueueHoldsNoCallUpAndTakesNoMoreMemoryAndIsReportedOnce() throws Exception {
        PrintStream stderr = System.err;
        ByteArrayOutputStream reported = new ByteArrayOutputStream();
        System.setErr(new PrintStream(reported, true));
        long memoryAtFirst = memoryInUse();
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
            long memoryAfter = memoryInUse();
            System.out.printf(
                    "Memory at first, with the queue full and after 80 MB more: %,d, %,d, %,d bytes%n",
                    memoryAtFirst, memoryBefore, memoryAfter);
            assertThat(logging.count("loki4j.drop.events")).isGreaterThan(droppedBefore + 30_000);
            assertThat(memoryAfter - memoryAtFirst).isLessThan(MEMORY);
            assertThat(p99(nanos)).isLessThan(BOUND);
            assertThat(slowest(nanos)).isLessThan(LONGEST);
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
                slowest(nanos).toNanos() / 1_000);
    }

    private static Duration slowest(long[] nanos) {
        return Duration.ofNanos(nanos[nanos.length - 1]);
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
