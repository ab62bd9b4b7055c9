package dev.playground.monitoring.faults;

import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(FaultLoad.class);

    private final Faults faults;
    private final Supplier<byte[]> allocator;
    private final Deque<byte[]> blocks = new ArrayDeque<>();
    private final Thread thread;

    @Inject
    FaultLoad(Faults faults) {
        this(faults, () -> new byte[BLOCK_BYTES]);
    }

    FaultLoad(Faults faults, Supplier<byte[]> allocator) {
        this.faults = faults;
        this.allocator = allocator;
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
                holdOrEnd(effects == null ? 0 : effects.memoryMb());
                spinUntil(started + (long) ((effects == null ? 0 : effects.cpu()) * TICK_NANOS));
                TimeUnit.NANOSECONDS.sleep(started + TICK_NANOS - System.nanoTime());
            }
        } catch (InterruptedException e) {
            // The end of the thread.
        }
    }

    private void holdOrEnd(int megabytes) {
        try {
            hold(megabytes);
        } catch (OutOfMemoryError e) {
            blocks.clear();
            if (faults.effects() != null) { // a line would name a hidden fault
                LOG.warn("Out of memory: the faults end");
            }
            faults.endAll();
        }
    }

    private void hold(int megabytes) {
        long target = (long) megabytes * Effects.BYTES_PER_MB / BLOCK_BYTES;
        boolean ends = target == 0 && !blocks.isEmpty();
        while (blocks.size() > target) {
            blocks.remove();
        }
        while (blocks.size() < target) {
            blocks.add(allocator.get());
        }
        if (ends) {
            // Heap usage includes garbage: without a collection it can stay high for minutes.
            System.gc();
        }
    }

    private static void spinUntil(long end) {
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
