import { parseImage } from '../../../src/core/kubelet/image-reference.ts';
import { sameAnswer } from './case-kind.ts';

/** How an image is read. */
export interface ImageCase {
  readonly kind: 'image';
  readonly image: string;
}

export const imageKind = sameAnswer<ImageCase>('an image is read as the kubelet reads it', {
  question: ({ image }) => ({ images: [image] }),
  kubelet: (_, { images }) => images[0],
  ours({ image }) {
    const { kind, ...parsed } = parseImage(image);
    return kind === 'invalid' ? 'invalid' : parsed;
  },
});
