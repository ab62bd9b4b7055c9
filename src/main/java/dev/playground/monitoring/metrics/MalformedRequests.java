package dev.playground.monitoring.metrics;

import dev.playground.monitoring.errors.MalformedBodyException;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import jakarta.inject.Singleton;

/**
 * Sees to what Netty could not parse. A malformed head Micronaut answers before any filter runs, so
 * that {@link ResponseTimeFilter} never sees it: it is counted here. A malformed chunk of a body
 * becomes an error of its request, which is answered and counted like any other.
 */
@Singleton
final class MalformedRequests implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final CountingHandler handler;

    MalformedRequests(ResponseTimes responseTimes) {
        handler = new CountingHandler(responseTimes);
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        NettyServerCustomizer.Registry registry = event.getBean();
        registry.register(new Customizer(handler, null));
        return registry;
    }

    private record Customizer(CountingHandler handler, Channel channel)
            implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return new Customizer(handler, channel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            channel.pipeline()
                    .addBefore(
                            ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
                            MalformedRequests.class.getSimpleName(),
                            handler);
        }
    }

    @Sharable
    private static final class CountingHandler extends ChannelInboundHandlerAdapter {
        private final ResponseTimes responseTimes;

        CountingHandler(ResponseTimes responseTimes) {
            this.responseTimes = responseTimes;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request && request.decoderResult().isFailure()) {
                // What Micronaut is about to answer (NettyRequestLifecycle.handleNormal).
                HttpStatus status =
                        request.decoderResult().cause() instanceof TooLongFrameException
                                ? HttpStatus.REQUEST_ENTITY_TOO_LARGE
                                : HttpStatus.BAD_REQUEST;
                // Netty may have made the method up, so it is recorded as OTHER.
                responseTimes.record(
                        ResponseTimes.OTHER_METHOD,
                        ResponseTimes.UNMATCHED,
                        status.getCode(),
                        0,
                        null);
            } else if (message instanceof HttpContent content
                    && content.decoderResult().isFailure()) {
                // Micronaut would take it for the end of the body, answer 200, and wait for
                // requests that Netty does not read any more.
                content.release();
                ctx.fireExceptionCaught(new MalformedBodyException());
                return;
            }
            ctx.fireChannelRead(message);
        }
    }
}
