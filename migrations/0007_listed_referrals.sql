ALTER TABLE "referrals" ALTER COLUMN "at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "history_threads" ADD COLUMN "referrals" jsonb DEFAULT '[]'::jsonb NOT NULL;