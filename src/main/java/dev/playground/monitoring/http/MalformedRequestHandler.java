package dev.playground.monitoring.http;

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
 * Handles what Netty could not parse. Micronaut answers a malformed request head before any filter
 * runs, so this handler reports it to the {@link MalformedRequestListener}. A malformed chunk of a
 * body becomes an error of its request, and passes the filters as any other error does.
 */
@Singleton
final class MalformedRequestHandler
        implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final Handler handler;

    MalformedRequestHandler(MalformedRequestListener listener) {
        handler = new Handler(listener);
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        NettyServerCustomizer.Registry registry = event.getBean();
        registry.register(new Customizer(handler, null));
        return registry;
    }

    private record Customizer(Handler handler, Channel channel) implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return new Customizer(handler, channel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            channel.pipeline()
                    .addBefore(
                            ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
                            MalformedRequestHandler.class.getSimpleName(),
                            handler);
        }
    }

    @Sharable
    private static final class Handler extends ChannelInboundHandlerAdapter {
        private final MalformedRequestListener listener;

        Handler(MalformedRequestListener listener) {
            this.listener = listener;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request && request.decoderResult().isFailure()) {
                // The status that Micronaut chooses (NettyRequestLifecycle.handleNormal).
                listener.onMalformedRequest(
                        request.decoderResult().cause() instanceof TooLongFrameException
                                ? HttpStatus.REQUEST_ENTITY_TOO_LARGE
                                : HttpStatus.BAD_REQUEST);
            } else if (message instanceof HttpContent content
                    && content.decoderResult().isFailure()) {
                // Micronaut would treat it as the end of the body, answer 200, and wait for further
                // requests, which Netty no longer reads.
                content.release();
                ctx.fireExceptionCaught(new MalformedBodyException());
                return;
            }
            ctx.fireChannelRead(message);
        }
    }
}
