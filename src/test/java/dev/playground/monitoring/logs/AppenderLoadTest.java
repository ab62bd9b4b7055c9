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
import org.slf4j.MDC;

/** The latency and the allocation of a log call, and the memory of the appender. */
class AppenderLoadTest {
    /** The contract for the 99th percentile, in nanoseconds; some 15 times the measured value. */
    private static final long P99 = Duration.ofMillis(1).toNanos();

    /** Below the connection timeout of the appender: a call that waits for Loki takes longer. */
    private static final long LONGEST = Duration.ofMillis(1_500).toNanos();

    /**
     * In bytes: 1.5 times sendQueueMaxBytes in logback.xml, and batches of at most 2 MB that are
     * encoded, sent and, in this test, received.
     */
    private static final long MEMORY = (10 * 3 / 2 + 5 * 2) * 1024 * 1024;

    @Test
    void shipsTwoThousandLinesASecondWithoutDelay(@TempDir Path folder) throws Exception {
        // In a container each line is written to a file descriptor, too.
        Path stdout = folder.resolve("stdout");
        try (FakeLoki loki = new FakeLoki();
                OutputStream toFile = new FileOutputStream(stdout.toFile());
                ServiceLogging logging = new ServiceLogging(loki, toFile)) {
            loki.accept();
            Logger logger = logging.logger("a.B");
            callTimed(5_000, 5_000, i -> logger.info("warm-up {}", i));

            long[] nanos = callTimed(10_000, 2_000, i -> logger.info("Request {} received", i));

            await().atMost(Duration.ofSeconds(60)).until(() -> loki.entries().size() >= 15_000);
            assertThat(loki.entries()).hasSize(15_000);
            assertThat(Files.readAllLines(stdout)).hasSize(15_000);
            assertThat(logging.count("loki4j.drop.events")).isZero();
            assertCallsDoNotWait("2,000 a second", nanos);
        }
    }

    @Test
    void boundsMemoryAndLatencyWhileQueueIsFull() throws Exception {
        PrintStream stderr = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true));
        long memoryAtStart = memoryInUse();
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging =
                        new ServiceLogging(loki, OutputStream.nullOutputStream())) {
            loki.fail(FakeLoki.Failure.NO_RESPONSE);
            Logger logger = logging.logger("a.B");
            String kilobytes = "x".repeat(2_000);
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                callTimed(1_000, 50_000, i -> logger.info(kilobytes));
                                return logging.count("loki4j.drop.events") > 1_000;
                            });
            double dropped = logging.count("loki4j.drop.events");

            long[] nanos = callTimed(40_000, 20_000, i -> logger.info(kilobytes));

            long memory = memoryInUse() - memoryAtStart;
            System.out.printf("Memory of a full queue: %,d bytes%n", memory);
            assertThat(logging.count("loki4j.drop.events")).isGreaterThan(dropped + 30_000);
            assertThat(memory).isLessThan(MEMORY);
            assertCallsDoNotWait("queue full", nanos);
            assertThat(printed.toString().lines())
                    .filteredOn(line -> line.contains("Backpressure"))
                    .hasSize(1);
        } finally {
            System.setErr(stderr);
        }
    }

    @Test
    void boundsBytesPerLine() throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long caller = Thread.currentThread().getId();
        try (FakeLoki loki = new FakeLoki();
                ServiceLogging logging =
                        new ServiceLogging(loki, OutputStream.nullOutputStream())) {
            loki.accept();
            Logger logger = logging.logger("a.B");
            MDC.put("trace_id", "0af7651916cd43dd8448eb211c80319c");
            callTimed(5_000, 50_000, i -> logger.info("Request received on / route"));
            long before = threads.getThreadAllocatedBytes(caller);
            for (int i = 0; i < 5_000; i++) {
                logger.info("Request received on / route");
            }
            long bytes = (threads.getThreadAllocatedBytes(caller) - before) / 5_000;
            assertThat(bytes).isBetween(1L, 1_800L);
        } finally {
            MDC.clear();
        }
    }

    /** The duration of each call at this rate, in nanoseconds, in ascending order. */
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

    private static void assertCallsDoNotWait(String load, long[] nanos) {
        long p99 = nanos[nanos.length * 99 / 100];
        long longest = nanos[nanos.length - 1];
        System.out.printf(
                "A log call, %s: p50 %,d us, p99 %,d us, p99.9 %,d us, at most %,d us%n",
                load,
                nanos[nanos.length / 2] / 1_000,
                p99 / 1_000,
                nanos[nanos.length * 999 / 1_000] / 1_000,
                longest / 1_000);
        assertThat(p99).isLessThan(P99);
        assertThat(longest).isLessThan(LONGEST);
    }

    /** The heap after a collection, and the direct buffers, which hold loki4j's queue. */
    private static long memoryInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }
}
