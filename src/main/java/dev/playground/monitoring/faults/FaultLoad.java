package dev.playground.monitoring.faults;

import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * The faults {@code cpu} and {@code memory}, on one thread: however often the document is replaced,
 * they use at most one core and the memory of one document.
 */
@Context
@Requires(beans = Faults.class)
final class FaultLoad {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Small enough that no collector treats it as a large object. */
    private static final int BLOCK_BYTES = 64 * 1024;

    private final Faults faults;
    private final Deque<byte[]> blocks = new ArrayDeque<>();
    private final Thread thread;

    FaultLoad(Faults faults) {
        this.faults = faults;
        thread = new Thread(this::run, "faults");
        thread.setDaemon(true);
        thread.start();
    }

    @PreDestroy
    void stop() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.interrupted()) {
                long started = System.nanoTime();
                faults.endIfOver();
                Effects effects = faults.allEffects();
                hold(effects == null ? 0 : effects.memoryMb());
                spinUntil(started + (long) ((effects == null ? 0 : effects.cpu()) * TICK_NANOS));
                TimeUnit.NANOSECONDS.sleep(started + TICK_NANOS - System.nanoTime());
            }
        } catch (InterruptedException e) {
            // The end of the thread.
        }
    }

    private void hold(int megabytes) {
        long target = (long) megabytes * Effects.BYTES_PER_MB / BLOCK_BYTES;
        while (blocks.size() > target) {
            blocks.remove();
        }
        while (blocks.size() < target) {
            blocks.add(new byte[BLOCK_BYTES]);
        }
    }

    private static void spinUntil(long end) {
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
